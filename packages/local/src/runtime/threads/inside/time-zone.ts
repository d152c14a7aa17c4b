const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

type Fields = readonly number[];

/** Texts that say where their time is meant, or are dates alone, which are UTC. */
const SAYS_WHERE = /(?:Z|UTC|GMT|[ECMP][SD]T|[+-]\d\d:?\d\d)\s*(?:\([^)]*\))?\s*$|^\s*[+-]?\d{4,6}(?:-\d\d){0,2}\s*$/i;

/** `Europe/Berlin` of `:Europe/Berlin`; nothing of what is no time zone, which counts as UTC. */
const nameOf = (variable: string): string => {
  const name = variable.replace(/^:/, '') || 'UTC';
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return 'UTC';
  }
};

/** A time zone's local time, as far as `Date` needs it. */
class Zone {
  readonly name: string;
  readonly #format: Intl.DateTimeFormat;
  /** Offsets by quarter of an hour, in which they do not change. */
  readonly #offsets = new Map<number, number>();

  constructor(name: string) {
    this.name = name;
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  /** What is added to UTC at a moment, in milliseconds. */
  offsetAt(at: number): number {
    const quarter = Math.floor(at / (15 * MINUTE_MS));
    const known = this.#offsets.get(quarter);
    if (known !== undefined) return known;
    const second = Math.floor(at / 1000) * 1000;
    const parts = Object.fromEntries(this.#format.formatToParts(second).map(({ type, value }) => [type, value]));
    const { era, year, month, day, hour, minute, second: seconds } = parts;
    const shownYear = era === 'BC' ? 1 - Number(year) : Number(year);
    const local = Date.UTC(2000, Number(month) - 1, Number(day), Number(hour), Number(minute), Number(seconds));
    const offset = new Date(local).setUTCFullYear(shownYear) - second;
    if (this.#offsets.size > 1_000) this.#offsets.clear();
    this.#offsets.set(quarter, offset);
    return offset;
  }

  /** The moment of a local time: of two the earlier, and in a gap by the offset before it. */
  momentOf(local: number): number {
    const before = local - this.offsetAt(local - DAY_MS);
    if (before + this.offsetAt(before) === local) return before;
    const after = local - this.offsetAt(local + DAY_MS);
    return after + this.offsetAt(after) === local ? after : before;
  }
}

/**
 * Gives the function the local time of its `TZ`: threads of one process have one time zone between them, which is the
 * engine's. Does nothing where that is the same.
 */
export const installTimeZone = (variable: string): void => {
  const name = nameOf(variable);
  const DateTimeFormat = Intl.DateTimeFormat;
  if (new DateTimeFormat().resolvedOptions().timeZone === name) return;
  const zone = new Zone(name);
  const prototype = Date.prototype as unknown as Record<string, (...parts: unknown[]) => unknown>;
  const utcNow = Date.now;
  const { getTime, setTime } = prototype;
  const timeOf = (date: unknown): number => getTime?.call(date) as number;
  /** A date whose UTC members are the local ones of `date`. */
  const shifted = (date: unknown): Date => new Date(timeOf(date) + zone.offsetAt(timeOf(date)));

  for (const part of ['Date', 'Day', 'FullYear', 'Hours', 'Milliseconds', 'Minutes', 'Month', 'Seconds']) {
    const get = prototype[`getUTC${part}`];
    const set = prototype[`setUTC${part}`];
    define(prototype, `get${part}`, function (this: unknown) {
      return Number.isNaN(timeOf(this)) ? Number.NaN : get?.call(shifted(this));
    });
    if (set === undefined) continue;
    define(prototype, `set${part}`, function (this: unknown, ...parts) {
      const isInvalid = Number.isNaN(timeOf(this));
      const local = isInvalid && part === 'FullYear' ? new Date(0) : isInvalid ? new Date(Number.NaN) : shifted(this);
      set.apply(local, parts);
      return setTime?.call(this, zone.momentOf(timeOf(local)));
    });
  }
  define(prototype, 'getYear', function (this: unknown) {
    return (prototype['getFullYear']?.call(this) as number) - 1900;
  });
  define(prototype, 'getTimezoneOffset', function (this: unknown) {
    const at = timeOf(this);
    return Number.isNaN(at) ? Number.NaN : -zone.offsetAt(at) / MINUTE_MS;
  });

  const longName = new DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'long' });
  const dateText = (date: unknown): string => {
    const [day = '', number = '', month = '', year = ''] = shifted(date).toUTCString().replace(',', '').split(' ');
    return `${day} ${month} ${number} ${year}`;
  };
  const timeText = (date: unknown): string => {
    const minutes = Math.round(zone.offsetAt(timeOf(date)) / MINUTE_MS);
    const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
    const offset = `${minutes < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}${String(rest).padStart(2, '0')}`;
    const long = longName.formatToParts(timeOf(date)).find(({ type }) => type === 'timeZoneName')?.value ?? name;
    return `${shifted(date).toISOString().slice(-13, -5)} GMT${offset} (${long})`;
  };
  const texts: Readonly<Record<string, (date: unknown) => string>> = {
    toString: (date: unknown) => `${dateText(date)} ${timeText(date)}`,
    toDateString: dateText,
    toTimeString: timeText,
  };
  for (const [key, text] of Object.entries(texts)) {
    define(prototype, key, function (this: unknown) {
      return Number.isNaN(timeOf(this)) ? 'Invalid Date' : text(this);
    });
  }
  for (const key of ['toLocaleString', 'toLocaleDateString', 'toLocaleTimeString']) {
    const localised = prototype[key];
    define(prototype, key, function (this: unknown, locales, options) {
      return localised?.call(this, locales, { timeZone: name, ...(options as object | undefined) });
    });
  }

  const withZone = (parts: unknown[]): unknown[] => [
    parts[0],
    {
      ...(parts[1] as object | undefined),
      timeZone: (parts[1] as { timeZone?: string } | undefined)?.timeZone ?? name,
    },
  ];
  Intl.DateTimeFormat = new Proxy(DateTimeFormat, {
    apply: (target, self, parts) => Reflect.apply(target, self, withZone(parts)) as unknown,
    construct: (target, parts, newTarget) => Reflect.construct(target, withZone(parts), newTarget) as object,
  });

  const MachineDate = Date;
  const parse = (text: string): number => {
    const at = MachineDate.parse(text);
    if (Number.isNaN(at) || SAYS_WHERE.test(text)) return at;
    // Read as the machine's local time; those members are meant in the function's.
    return zone.momentOf(at + machine.offsetAt(at));
  };
  const machine = new Zone(new DateTimeFormat().resolvedOptions().timeZone);
  const momentOfFields = ([year = Number.NaN, month = 0, ...rest]: Fields): number => {
    const utc = MachineDate.UTC(year, month, ...rest);
    return Number.isFinite(utc) ? zone.momentOf(utc) : utc;
  };
  const ZonedDate: DateConstructor = new Proxy(MachineDate, {
    apply: () => texts['toString']?.(new MachineDate(utcNow())),
    construct: (target, parts: unknown[], newTarget): object => {
      const [first] = parts;
      const made =
        parts.length > 1
          ? [momentOfFields(parts.map(Number))]
          : parts.length === 1 && typeof first === 'string'
            ? [parse(first)]
            : parts;
      return Reflect.construct(target, made, newTarget === ZonedDate ? target : newTarget) as object;
    },
    get: (target, key) => (key === 'parse' ? parse : (Reflect.get(target, key) as unknown)),
  });
  Object.defineProperty(MachineDate.prototype, 'constructor', { configurable: true, writable: true, value: ZonedDate });
  globalThis.Date = ZonedDate;
};

const define = (on: object, key: string, value: (this: unknown, ...parts: unknown[]) => unknown): void => {
  Object.defineProperty(on, key, { configurable: true, writable: true, value });
};
