// Bound before anybody guards or replaces it.
const { writeSync } = process.getBuiltinModule('node:fs');

/** Inside a line: a line break that does not end it, as the engine's end of the pipe reads it. */
const LINE_BREAK_WITHIN = '\u001e';

/** Writes one event of the log into a pipe, whole, also when a child has made the pipe one that does not wait. */
export const writeEvent = (descriptor: number, event: string): void => {
  let rest = Buffer.from(`${event.replaceAll('\n', LINE_BREAK_WITHIN)}\n`);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
};
