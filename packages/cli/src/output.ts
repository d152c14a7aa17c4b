import { styleText } from 'node:util';

/** Colours, as {@link style} writes them, or what moves cursors, sets titles, writes clipboards and turns text around. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what starts a terminal colour.
const CONTROLS = /\u001b\[\d+m|\r(?!\n)|(?![\t\n\r])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu;

/**
 * A text as it may go to a terminal: whoever fills a queue or writes a log must not steer the terminal of who reads it. Controls
 * are shown as JSON writes them.
 */
export const forTerminal = (text: string): string =>
  text.replace(CONTROLS, (found) =>
    found.length > 1 ? found : `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** Results go to stdout, one place; into a pipe or a file as they are. */
export const print = (text: string): void => {
  process.stdout.write(`${process.stdout.isTTY ? forTerminal(text) : text}\n`);
};

/** Progress and remarks go to stderr, so that results can be piped. */
export const note = (text: string): void => {
  process.stderr.write(`${process.stderr.isTTY ? forTerminal(text) : text}\n`);
};

/** Bytes in base 64, as the AWS CLI shows them. */
export const jsonText = (value: unknown, space?: number): string =>
  JSON.stringify(
    value,
    function (this: Readonly<Record<string, unknown>>, name, written: unknown) {
      const given = this[name];
      return given instanceof Uint8Array ? Buffer.from(given).toString('base64') : written;
    },
    space,
  );

export const printJson = (value: unknown): void => print(jsonText(value, 2));

type Style = Parameters<typeof styleText>[0];

export const style = (format: Style, text: string): string => styleText(format, text, { stream: process.stdout });

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what starts a terminal colour.
const COLOUR = /\u001b\[\d+m/g;
const widthOf = (text: string): number => text.replace(COLOUR, '').length;

/** Columns as wide as their widest cell; numbers to the right. */
export const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string => {
  const cells = [head, ...rows.map((row) => row.map((cell) => String(cell).replaceAll(/[\r\n\t]+/g, ' ')))];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => widthOf(row[column] ?? ''))));
  const isNumeric = head.map((_, column) => rows.every((row) => typeof row[column] === 'number') && rows.length > 0);
  const render = (row: readonly string[]): string =>
    row
      .map((cell, column) => {
        const padding = ' '.repeat((widths[column] ?? 0) - widthOf(cell));
        return isNumeric[column] ? padding + cell : cell + padding;
      })
      .join('  ')
      .trimEnd();
  return [style('bold', render(head)), ...cells.slice(1).map(render)].join('\n');
};
