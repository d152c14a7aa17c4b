/** As Node.js has it below `process.kill`: answers 0, or the number of an error below it. */
interface Signaller {
  readonly ppid: number;
  _kill(pid: number, signal: number): number;
}

const NOT_PERMITTED = -1;
const OWN_GROUP = 0;

/**
 * On AWS a function may signal what is in its sandbox and nothing else. Here the parent is the engine, and “everybody” is
 * everybody on the machine: the one is refused as there, the other means the environment.
 */
export const guardParent = (process: Signaller): void => {
  const { ppid } = process;
  const send = process._kill.bind(process);
  process._kill = (pid, signal) => {
    if (signal !== 0 && Math.abs(pid) === ppid) return NOT_PERMITTED;
    return send(pid === -1 ? OWN_GROUP : pid, signal);
  };
};
