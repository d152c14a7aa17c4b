import { stripVTControlCharacters, styleText } from 'node:util';

/** One look at the run. */
export interface Snapshot {
  readonly total: number;
  readonly uploaded: number;
  readonly running: number;
  /** Dispatches turned away so far. */
  readonly throttled: number;
  readonly waiting: number;
  readonly deadLettered: number;
  readonly recovered: number;
  readonly ended: number;
  /** Seconds of the run's own time. */
  readonly elapsedSeconds: number;
}

/** What a view writes to: a terminal says how wide it is, everything else does not. */
export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const BAR_WIDTH_MAX = 40;
const BAR_WIDTH_MIN = 8;
const COLUMNS_DEFAULT = 80;

const clockOf = (seconds: number): string => {
  const whole = Math.max(0, Math.round(seconds));
  const minutes = Math.floor(whole / 60);
  return `${minutes}:${String(whole % 60).padStart(2, '0')}`;
};

/** Time to go at the pace so far; nothing is said before there is a pace. */
const etaOf = ({ ended, total, elapsedSeconds }: Snapshot): string =>
  ended === 0 || ended === total ? '' : `, about ${clockOf((elapsedSeconds / ended) * (total - ended))} to go`;

const facts = (s: Snapshot): readonly string[] => [
  `uploaded ${s.uploaded}`,
  `running ${s.running}`,
  `throttled ${s.throttled}×`,
  `waiting ${s.waiting}`,
  `dead-lettered ${s.deadLettered}`,
  `recovered ${s.recovered}`,
  `done ${s.ended}`,
];

const widthOf = (line: string): number => [...stripVTControlCharacters(line)].length;

/** As many words to a line as there is room for. */
const pack = (words: readonly string[], width: number): string[] => {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && widthOf(last) + 2 + widthOf(word) <= width) lines[lines.length - 1] = `${last}  ${word}`;
    else lines.push([...word].slice(0, width).join(''));
  }
  return lines;
};

/** What a terminal of this width shows; no line is as long as the terminal is wide, so that none wraps. */
export const layOut = (snapshot: Snapshot, columns: number, styled: typeof styleText): string[] => {
  const width = Math.max(1, columns - 1);
  const { ended, total } = snapshot;
  const counts = `${ended}/${total}  ${clockOf(snapshot.elapsedSeconds)}${etaOf(snapshot)}`;
  const barWidth = Math.min(BAR_WIDTH_MAX, width - widthOf(counts) - 1);
  if (barWidth < BAR_WIDTH_MIN) return pack([...counts.split('  '), ...facts(snapshot)], width);
  const filled = Math.round((total === 0 ? 0 : ended / total) * barWidth);
  const bar = styled('green', '█'.repeat(filled)) + styled('dim', '░'.repeat(barWidth - filled));
  return [`${bar} ${counts}`, ...pack(facts(snapshot), width)];
};

/** Shows how the run goes: redrawn in place on a terminal, elsewhere a line for each second of the run in which something changed. */
export class View {
  readonly #out: Screen;
  /** What stands on the terminal now, line by line. */
  #drawn: readonly string[] = [];
  #lastFacts = '';
  #lastClock = '';

  constructor(out: Screen) {
    this.#out = out;
  }

  show(snapshot: Snapshot): void {
    if (this.#out.isTTY !== true) {
      const line = facts(snapshot).join('  ');
      const clock = clockOf(snapshot.elapsedSeconds);
      // Uploads of one moment of virtual time are many looks; the end is always told.
      const isNews = clock !== this.#lastClock || snapshot.ended === snapshot.total;
      if (!isNews || line === this.#lastFacts) return;
      this.#out.write(`${clock}  ${line}\n`);
      this.#lastFacts = line;
      this.#lastClock = clock;
      return;
    }
    const columns = this.#out.columns || COLUMNS_DEFAULT;
    const lines = layOut(snapshot, columns, (format, text) => styleText(format, text, { stream: process.stderr }));
    // A terminal that became narrower has wrapped what was drawn: rows count, not lines.
    const rows = this.#drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / columns)), 0);
    this.#out.write(`${rows === 0 ? '' : `\u001b[${rows}A`}\r\u001b[J${lines.map((line) => `${line}\n`).join('')}`);
    this.#drawn = lines;
  }

  /** What is written from now on comes below. */
  end(): void {
    this.#drawn = [];
  }
}
