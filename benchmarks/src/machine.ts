import { cpus, loadavg, totalmem } from 'node:os';

/** One line to stand beside every result. */
export const machine = (): string => {
  const processors = cpus();
  return (
    `${processors.length} × ${processors[0]?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GB, ` +
    `Node ${process.version}, load ${loadavg()[0]?.toFixed(1)} at the end`
  );
};
