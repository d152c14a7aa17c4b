import { type Context, createContext, Script } from 'node:vm';
import { type Briefly, TookTooLongError } from './briefly.ts';

interface Room extends Context {
  work: (() => unknown) | undefined;
}

let room: Room | undefined;
let script: Script | undefined;

/**
 * V8 ends what runs inside a script when its time is over, within a regular expression too. That takes some hundred microseconds to
 * set up: ask it only for what may be endless.
 */
export const liveBriefly: Briefly = <T>(limitMs: number, work: () => T): T => {
  room ??= createContext({ work: undefined }) as Room;
  script ??= new Script('work()');
  room.work = work;
  try {
    return script.runInContext(room, { timeout: limitMs }) as T;
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    throw new TookTooLongError(`given up after ${limitMs} ms`);
  } finally {
    room.work = undefined;
  }
};
