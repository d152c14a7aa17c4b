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
  readonly holding?: number;
}

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
  readonly #functionArn: string;
  #id: string | undefined;

  constructor(target: Target, endpoint: string, functionArn: string, delayMs: number) {
    this.#target = target;
    this.#endpoint = endpoint;
    this.#functionArn = functionArn;
    this.beforeCodeMs = delayMs;
  }

  async begin(): Promise<void> {
    const body = { function: this.#functionArn, delayMs: this.beforeCodeMs };
    this.#id = (await patiently(() => control<Fault>(this.#target, 'POST', 'faults', body))).id;
  }

  async holding(): Promise<number> {
    const faults = await patiently(() => faultsOf(this.#endpoint));
    const own = faults?.find(({ id }) => id === this.#id);
    // One that says something else just now has forgotten nothing.
    if (faults !== undefined && own === undefined) await this.begin();
    return own?.holding ?? 0;
  }

  async end(): Promise<void> {
    const id = this.#id;
    if (id === undefined) return;
    const faults = (await patiently(() => faultsOf(this.#endpoint))) ?? [];
    if (faults.some((fault) => fault.id === id)) await control(this.#target, 'DELETE', `faults/${id}`);
  }
}

/** Slows the parser by so much until {@link ParserLatency.end}. */
export const slowParser = async (target: Target, functionArn: string, delayMs: number): Promise<ParserLatency> => {
  const { endpoint } = target;
  const faults = endpoint === undefined || delayMs === 0 ? undefined : await patiently(() => faultsOf(endpoint));
  if (endpoint === undefined || faults === undefined) return byItsCode(delayMs);
  for (const { id, functionArn: arn, delayMs: others } of faults) {
    if (arn !== functionArn) continue;
    const way = `DELETE /_holdfast/faults/${id} ends it`;
    note(`the parser is delayed by ${others} ms more, by a fault that is not this run's: ${way}`);
  }
  const latency = new ByFault(target, endpoint, functionArn, delayMs);
  await latency.begin();
  return latency;
};
