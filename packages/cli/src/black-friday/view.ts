import { style } from '../output.ts';

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

const BAR_WIDTH = 40;

const clockOf = (seconds: number): string => {
  const whole = Math.max(0, Math.round(seconds));
  const minutes = Math.floor(whole / 60);
  return `${minutes}:${String(whole % 60).padStart(2, '0')}`;
};

/** Time to go at the pace so far; nothing is said before there is a pace. */
const etaOf = ({ ended, total, elapsedSeconds }: Snapshot): string =>
  ended === 0 || ended === total ? '' : `, about ${clockOf((elapsedSeconds / ended) * (total - ended))} to go`;

const bar = (share: number): string => {
  const filled = Math.round(share * BAR_WIDTH);
  return style('green', '█'.repeat(filled)) + style('dim', '░'.repeat(BAR_WIDTH - filled));
};

const lines = (s: Snapshot): readonly string[] => [
  `${bar(s.total === 0 ? 0 : s.ended / s.total)} ${s.ended}/${s.total}  ${clockOf(s.elapsedSeconds)}${etaOf(s)}`,
  `uploaded ${s.uploaded}  running ${s.running}  throttled ${s.throttled}×  waiting ${s.waiting}  dead-lettered ${s.deadLettered}  recovered ${s.recovered}  done ${s.ended}`,
];

/** Shows how the run goes: redrawn in place on a terminal, one line at a time elsewhere. */
export class View {
  readonly #out: NodeJS.WriteStream;
  #drawn = 0;
  #lastLine = '';

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  show(snapshot: Snapshot): void {
    const drawn = lines(snapshot);
    if (this.#out.isTTY) {
      const up = this.#drawn === 0 ? '' : `\u001b[${this.#drawn}A`;
      this.#out.write(`${up}${drawn.map((line) => `\u001b[2K${line}\n`).join('')}`);
      this.#drawn = drawn.length;
      return;
    }
    const line = `${clockOf(snapshot.elapsedSeconds)}  ${drawn[1]}`;
    if (line !== this.#lastLine) this.#out.write(`${line}\n`);
    this.#lastLine = line;
  }
}
