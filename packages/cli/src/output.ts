import { styleText } from 'node:util';

/** Results go to stdout, one place. */
export const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/** Progress and remarks go to stderr, so that results can be piped. */
export const note = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

export const printJson = (value: unknown): void => print(JSON.stringify(value, null, 2));

type Style = Parameters<typeof styleText>[0];

export const style = (format: Style, text: string): string => styleText(format, text, { stream: process.stdout });

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what starts a terminal colour.
const COLOUR = /\u001b\[\d+m/g;
const widthOf = (text: string): number => text.replace(COLOUR, '').length;

/** Columns as wide as their widest cell; numbers to the right. */
export const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string => {
  const cells = [head, ...rows.map((row) => row.map(String))];
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
