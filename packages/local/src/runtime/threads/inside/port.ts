import type { MessagePort } from 'node:worker_threads';
import {
  begunSlots,
  type EnvironmentSetup,
  type FromEnvironment,
  type ThreadStart,
  type ToEnvironment,
} from '../protocol.ts';
import { invokeOfText } from '../text-messages.ts';

const read = (message: unknown): ToEnvironment =>
  typeof message === 'string' ? invokeOfText(message) : (message as ToEnvironment);

/** The way to the engine. Nothing of the function's gets hold of it. */
export interface Port {
  readonly setup: EnvironmentSetup;
  /** Our own code as far as it is compiled by now, if that is wanted. */
  readonly compile: (() => Uint8Array) | undefined;
  readonly send: (message: FromEnvironment) => void;
  /** The same for one that is written as text. */
  readonly sendText: (message: string) => void;
  /** Tells that the code is being called, without waking anybody. */
  readonly begin: (at: number) => void;
  readonly listen: (receive: (message: ToEnvironment) => void) => void;
  /** The next message, waited for with everything else standing still. */
  readonly receive: () => ToEnvironment;
  /** Whether the way back keeps the thread alive: while it is not working, it does. */
  readonly hold: (isHeld: boolean) => void;
  /** Ends the thread, whatever the function has made of `process.exit`. */
  readonly exit: (code: number) => never;
}

/**
 * Takes over what the thread was started with and hides it: for the function it is the only thread, as on AWS. The
 * port's methods are bound now, so that nobody meets the port in a method that was replaced later.
 */
export const takePort = (): Port => {
  const threads = process.getBuiltinModule('node:worker_threads');
  const { receiveMessageOnPort } = threads;
  const { port, bell, begun, setup, code, compile } = threads.workerData as ThreadStart;
  Object.assign(threads, { workerData: null, parentPort: null, isMainThread: true, threadId: 0, resourceLimits: {} });
  const bind = <Key extends 'postMessage' | 'on' | 'ref' | 'unref'>(key: Key): MessagePort[Key] =>
    port[key].bind(port) as MessagePort[Key];
  const [post, on, ref, unref] = [bind('postMessage'), bind('on'), bind('ref'), bind('unref')];
  const exit = process.exit.bind(process);
  const rings = new Int32Array(bell);
  const slots = begunSlots(begun);
  const { add, wait } = Atomics;
  return {
    setup,
    compile: code.isWanted ? compile : undefined,
    send: (message) => post(message),
    sendText: (message) => post(message),
    begin: (at) => {
      slots.at[0] = at;
      add(slots.count, 0, 1);
    },
    listen: (receive) => on('message', (message: unknown) => receive(read(message))),
    receive: () => {
      for (;;) {
        const rung = rings[0] as number;
        const received = receiveMessageOnPort(port);
        if (received !== undefined) return read((received as { message: unknown }).message);
        wait(rings, 0, rung);
      }
    },
    hold: (isHeld) => (isHeld ? ref() : unref()),
    exit,
  };
};
