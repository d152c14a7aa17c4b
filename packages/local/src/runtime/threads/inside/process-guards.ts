import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';

export interface GuardedProcess {
  /** Shown as the process id: no process has it, so that nobody ends the engine by it. */
  readonly shownPid: number;
  readonly isChild: (pid: number) => boolean;
  /** The function ends its own process by a signal. */
  readonly onSignal: (signal: string) => void;
}

const systemError = (code: string, errno: number, syscall: string): Error =>
  Object.assign(new Error(`${syscall} ${code}`), { errno, code, syscall });

const unknownSignal = (signal: unknown): Error =>
  Object.assign(new TypeError(`Unknown signal: ${String(signal)}`), { code: 'ERR_UNKNOWN_SIGNAL' });

/** Signals that end no process unless it asks for that. */
const HARMLESS = new Set(['SIGCHLD', 'SIGCONT', 'SIGURG', 'SIGWINCH', 'SIGSTOP', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU']);

/** Signals and ends that a function means for its own process reach its environment alone. */
export const guardProcess = ({ shownPid, isChild, onSignal }: GuardedProcess): void => {
  const enginePid = process.pid;
  const raw = process as unknown as { _kill(pid: number, signal: number): number };
  const send = raw._kill.bind(process);
  const realKill = (pid: number, signal: number): true => {
    const errno = send(pid, signal);
    if (errno === 0) return true;
    throw systemError(getSystemErrorName(errno), errno, 'kill');
  };
  const nameOf = (signal: unknown): string | undefined => {
    if (signal === undefined) return 'SIGTERM';
    if (typeof signal === 'string') return signal in constants.signals ? signal : undefined;
    return Object.entries(constants.signals).find(([, number]) => number === signal)?.[0];
  };
  const kill = (pid: number, signal?: string | number): true => {
    const isOwn = [enginePid, shownPid, 0, -enginePid, -shownPid, -1].includes(Number(pid));
    if (!isOwn) {
      const number = typeof signal === 'number' ? signal : constants.signals[(nameOf(signal) ?? '') as 'SIGTERM'];
      if (number === undefined) throw unknownSignal(signal);
      if (isChild(pid)) return realKill(pid, number);
      // Whether it is there may be asked, as by whoever keeps a lock.
      realKill(pid, 0);
      if (signal === 0) return true;
      throw systemError('EPERM', -1, 'kill');
    }
    if (signal === 0) return true;
    const name = nameOf(signal);
    if (name === undefined) throw unknownSignal(signal);
    if (name !== 'SIGKILL' && process.listenerCount(name) > 0) process.emit(name as 'SIGTERM', name as 'SIGTERM');
    else if (!HARMLESS.has(name)) onSignal(name);
    return true;
  };
  const rawKill = (pid: number, signal: number): number => {
    try {
      kill(pid, signal);
      return 0;
    } catch (error) {
      return (error as { errno?: number }).errno ?? -1;
    }
  };
  Object.defineProperty(process, 'pid', { configurable: true, enumerable: true, value: shownPid });
  Object.assign(process, { kill, _kill: rawKill, abort: () => onSignal('SIGABRT') });
};
