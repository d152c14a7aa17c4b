import { control } from '../control.ts';
import { note } from '../output.ts';
import type { Target } from '../target.ts';
import { patiently } from './patience.ts';

/** What makes the parser slow during a run. */
export interface ParserLatency {
  /** What the parser's variable `PARSER_LATENCY_MS` has to be meanwhile. */
  readonly variable: string;
  /** How long an invocation waits before the parser's code begins. */
  readonly beforeCodeMs: number;
  /** Invocations that wait so just now. An engine that was started again knows of no delay: it gets one. */
  holding(): Promise<number>;
  end(): Promise<void>;
}

/** A fault as the engine lists it. */
interface Fault {
  readonly id: string;
  readonly functionArn?: string;
  readonly delayMs?: number;
  readonly first?: number;
  readonly share?: number;
  readonly holding?: number;
}

const meetsAll = ({ first, share }: Fault): boolean => first === undefined && share === undefined;

const isAlike =
  (arn: string, ms: number) =>
  (fault: Fault): boolean =>
    fault.functionArn === arn && fault.delayMs === ms && meetsAll(fault);

/** The faults of an engine; `undefined` where there are none to be had: an older version, or something else that answers. */
const faultsOf = async (endpoint: string): Promise<readonly Fault[] | undefined> => {
  const answer = await fetch(new URL('/_holdfast/faults', endpoint));
  const text = await answer.text();
  if (!answer.ok || !/json/.test(answer.headers.get('content-type') ?? '')) return undefined;
  return (JSON.parse(text) as { readonly faults?: readonly Fault[] }).faults;
};

/** The parser's own code sleeps: each that does has an environment, as on AWS. */
const byItsCode = (delayMs: number): ParserLatency => ({
  variable: String(delayMs),
  beforeCodeMs: 0,
  holding: async () => 0,
  end: async () => {},
});

/** A fault of the engine delays it, as AWS FIS does: who waits has a place, but no environment. */
class ByFault implements ParserLatency {
  readonly variable = '0';
  readonly beforeCodeMs: number;
  readonly #target: Target;
  readonly #endpoint: string;
  readonly #isAlike: (fault: Fault) => boolean;
  readonly #wanted: { readonly function: string; readonly delayMs: number };
  #used: { readonly id: string; readonly isOwn: boolean } | undefined;

  /** `moreMs` comes on top, by faults that are there already. */
  constructor(target: Target, endpoint: string, functionArn: string, delayMs: number, moreMs: number) {
    this.beforeCodeMs = delayMs + moreMs;
    this.#target = target;
    this.#endpoint = endpoint;
    this.#isAlike = isAlike(functionArn, delayMs);
    this.#wanted = { function: functionArn, delayMs };
  }

  /** Another run's, or what one that was killed has left, does as well: two of them would be more than was asked for. */
  async begin(faults: readonly Fault[]): Promise<void> {
    if (this.#share(faults)) return;
    const { id } = await patiently(() => control<Fault>(this.#target, 'POST', 'faults', this.#wanted));
    this.#used = { id, isOwn: true };
    // Of two runs that begin at the same moment the first has the fault.
    const now = (await patiently(() => faultsOf(this.#endpoint))) ?? [];
    const first = now.find(this.#isAlike);
    if (first === undefined || first.id === id) return;
    await this.end();
    this.#share(now);
  }

  async holding(): Promise<number> {
    const faults = await patiently(() => faultsOf(this.#endpoint));
    const used = faults?.find(({ id }) => id === this.#used?.id);
    // One that says something else just now has forgotten nothing.
    if (faults !== undefined && used === undefined) await this.begin(faults);
    return used?.holding ?? 0;
  }

  async end(): Promise<void> {
    if (this.#used?.isOwn !== true) return;
    const { id } = this.#used;
    const faults = (await patiently(() => faultsOf(this.#endpoint))) ?? [];
    if (faults.some((fault) => fault.id === id)) await control(this.#target, 'DELETE', `faults/${id}`);
  }

  #share(faults: readonly Fault[]): boolean {
    const alike = faults.find(this.#isAlike);
    if (alike === undefined) return false;
    this.#used = { id: alike.id, isOwn: false };
    return true;
  }
}

/** Slows the parser by so much until {@link ParserLatency.end}. */
export const slowParser = async (target: Target, functionArn: string, delayMs: number): Promise<ParserLatency> => {
  const { endpoint } = target;
  const faults = endpoint === undefined ? undefined : await patiently(() => faultsOf(endpoint));
  if (endpoint === undefined || faults === undefined) return byItsCode(delayMs);
  const others = faults.filter((fault) => fault.functionArn === functionArn);
  const alike = others.find(isAlike(functionArn, delayMs));
  for (const fault of others) {
    const how = fault === alike ? 'already' : 'more';
    const way = `DELETE /_holdfast/faults/${fault.id} ends it`;
    note(`the parser is delayed by ${fault.delayMs} ms ${how}, by a fault that is not this run's: ${way}`);
  }
  const moreMs = others.reduce(
    (sum, fault) => sum + (fault === alike || !meetsAll(fault) ? 0 : (fault.delayMs ?? 0)),
    0,
  );
  if (delayMs === 0) return { ...byItsCode(0), beforeCodeMs: moreMs };
  const latency = new ByFault(target, endpoint, functionArn, delayMs, moreMs);
  await latency.begin(faults);
  return latency;
};
