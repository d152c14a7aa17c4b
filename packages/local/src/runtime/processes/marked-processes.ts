import { readdirSync, readFileSync } from 'node:fs';

/** Variable that children of a function have, whatever group or session they made for themselves. */
export const MARK = 'HOLDFAST_ENVIRONMENT';

let marks = 0;

/** A value for it that no other environment on this machine has, of this engine or another. */
export const newMark = (): string => {
  marks += 1;
  return `${process.pid}-${Math.round(performance.timeOrigin)}-${marks}`;
};

const ending = new Set<string>();

/**
 * Kills all processes with this mark soon; several are looked for in one go. Linux only: elsewhere a child that made
 * itself independent outlives its environment.
 */
export const endMarked = (mark: string): void => {
  if (process.platform !== 'linux') return;
  if (ending.size === 0) setImmediate(endAll);
  ending.add(mark);
};

const endAll = (): void => {
  const marks = [...ending];
  ending.clear();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const variables = readFileSync(`/proc/${entry}/environ`, 'latin1').split('\0');
      if (marks.some((mark) => variables.includes(`${MARK}=${mark}`))) process.kill(Number(entry), 'SIGKILL');
    } catch {
      // Gone, or somebody else's.
    }
  }
};
