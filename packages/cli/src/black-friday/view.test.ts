import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { layOut, type Snapshot, View } from './view.ts';

const SNAPSHOT: Snapshot = {
  total: 1000,
  uploaded: 1000,
  running: 50,
  throttled: 4704,
  waiting: 550,
  deadLettered: 550,
  recovered: 540,
  ended: 450,
  elapsedSeconds: 580,
};

/** A terminal: wraps what is too long, moves up by rows, and wraps anew when it becomes narrower. */
class Terminal {
  readonly isTTY = true;
  columns: number;
  /** Written lines below each other; a row is a piece of one. */
  lines: string[] = [''];

  constructor(columns: number) {
    this.columns = columns;
  }

  get rows(): string[] {
    return this.lines.flatMap((line) => line.match(new RegExp(`.{1,${this.columns}}`, 'gu')) ?? ['']);
  }

  write(text: string): void {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what moves the cursor.
    const [, up, rest = ''] = /^(?:\u001b\[(\d+)A)?([\s\S]*)$/.exec(text) ?? [];
    if (rest.includes('\u001b[J')) this.lines = this.rows.slice(0, this.rows.length - 1 - Number(up ?? 0)).concat('');
    for (const part of stripVTControlCharacters(rest).replaceAll('\r', '').split(/(\n)/)) {
      if (part === '\n') this.lines.push('');
      else this.lines[this.lines.length - 1] += part;
    }
  }
}

describe('the live view', () => {
  it.each([1, 10, 20, 40, 79, 80, 100, 200])('has no line as wide as a terminal of %i columns', (columns) => {
    const lines = layOut(SNAPSHOT, columns, (_, text) => text);
    for (const line of lines) expect([...line].length).toBeLessThan(Math.max(2, columns));
    if (columns >= 40) expect(lines.join('  ')).toContain('dead-lettered 550');
  });

  it.each([20, 40, 80, 200])('stands once on a terminal of %i columns, however often it is drawn', (columns) => {
    const terminal = new Terminal(columns);
    const view = new View(terminal);
    view.show(SNAPSHOT);
    const once = terminal.rows;
    for (let look = 0; look < 5; look += 1) view.show(SNAPSHOT);
    expect(terminal.rows).toEqual(once);
  });

  it('stands once after the terminal became narrower or wider', () => {
    const terminal = new Terminal(120);
    const view = new View(terminal);
    for (const columns of [120, 60, 25, 100]) {
      terminal.columns = columns;
      view.show(SNAPSHOT);
      view.show(SNAPSHOT);
      expect(terminal.lines.slice(0, -1)).toEqual(layOut(SNAPSHOT, columns, (_, text) => text));
    }
  });

  it('writes a line per second in which something changed where there is no terminal, and the end', () => {
    let written = '';
    const view = new View({ write: (text) => (written += text) });
    view.show(SNAPSHOT);
    view.show({ ...SNAPSHOT, elapsedSeconds: 590 });
    view.show({ ...SNAPSHOT, ended: 451 });
    view.show({ ...SNAPSHOT, elapsedSeconds: 591, ended: 451 });
    view.show({ ...SNAPSHOT, elapsedSeconds: 591, ended: 452 });
    view.show({ ...SNAPSHOT, elapsedSeconds: 591, ended: 1000 });
    expect(written.match(/^\S+|done \d+$/gm)).toEqual(['9:40', 'done 450', '9:51', 'done 451', '9:51', 'done 1000']);
    expect(written).not.toContain('\u001b');
  });
});
