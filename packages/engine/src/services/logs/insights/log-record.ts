import type { LogEvent } from '../log-stream.ts';
import { Instant, type Value } from './query-value.ts';

/** A row under way through a query: what was computed, and the log event behind it. */
export interface Row {
  readonly values: Map<string, Value>;
  readonly record: LogRecord | undefined;
}

const MEGABYTE = 1_000_000;

/** What CloudWatch finds in the platform's lines of functions. */
const REPORT: Readonly<Record<string, readonly [RegExp, number]>> = {
  '@duration': [/\tDuration: ([\d.]+) ms/, 1],
  '@billedDuration': [/\tBilled Duration: ([\d.]+) ms/, 1],
  '@initDuration': [/\tInit Duration: ([\d.]+) ms/, 1],
  '@memorySize': [/\tMemory Size: ([\d.]+) MB/, MEGABYTE],
  '@maxMemoryUsed': [/\tMax Memory Used: ([\d.]+) MB/, MEGABYTE],
};

/** A log event with the fields that are found in it: of the service, of functions, and of JSON. */
export class LogRecord {
  readonly at: number;
  readonly #event: LogEvent;
  readonly #stream: string;
  readonly #group: string;
  readonly pointer: string;
  #json: unknown;
  #isParsed = false;

  constructor(event: LogEvent, stream: string, group: string, pointer: string) {
    this.#event = event;
    this.#stream = stream;
    this.#group = group;
    this.pointer = pointer;
    this.at = event[0];
  }

  get message(): string {
    return this.#event[3];
  }

  field(name: string): Value {
    switch (name) {
      case '@timestamp':
        return new Instant(this.at);
      case '@ingestionTime':
        return new Instant(this.#event[1]);
      case '@message':
        return this.message;
      case '@logStream':
        return this.#stream;
      case '@log':
        return this.#group;
      case '@ptr':
        return this.pointer;
      case '@type':
        return /^(START|END|REPORT|INIT_START) /.exec(this.message)?.[1];
      case '@requestId':
        return (
          /^(?:START|END|REPORT) RequestId: ([\w-]+)/.exec(this.message)?.[1] ??
          /^[\d-]+T[\d:.]+Z\t([\da-f]{8}-[\da-f-]{27})\t/.exec(this.message)?.[1] ??
          this.#member('requestId')
        );
      case '@xrayTraceId':
        return /\bXRAY TraceId: (\S+)/.exec(this.message)?.[1];
      default:
        return name in REPORT ? this.#reported(name) : this.#member(name);
    }
  }

  #reported(name: string): Value {
    if (!this.message.startsWith('REPORT ')) return undefined;
    const [pattern, factor] = REPORT[name] as readonly [RegExp, number];
    const found = pattern.exec(this.message)?.[1];
    return found === undefined ? undefined : Number(found) * factor;
  }

  /** A member of a message in JSON, by its path: `order.lines.0.sku`. True is 1, false 0. */
  #member(path: string): Value {
    if (!this.#isParsed) {
      this.#isParsed = true;
      const start = this.message.indexOf('{');
      if (start >= 0) {
        try {
          this.#json = JSON.parse(this.message.slice(start));
        } catch {
          this.#json = undefined;
        }
      }
    }
    let value: unknown = this.#json;
    for (const part of path.replace(/\[(\d+)\]/g, '.$1').split('.')) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
      value = (value as Record<string, unknown>)[part];
    }
    if (value === null || value === undefined) return undefined;
    // Insights has no booleans of its own in messages.
    if (typeof value === 'boolean') return value ? 1 : 0;
    return typeof value === 'object' ? JSON.stringify(value) : (value as Value);
  }
}
