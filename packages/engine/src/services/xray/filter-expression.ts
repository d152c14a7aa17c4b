import { notSupported, type TraceSegment } from '../../core/index.ts';
import { invalidRequest } from './errors.ts';
import { durationOf, partsOf, typeOf } from './segment.ts';
import type { Trace } from './trace.ts';

/** Whether something holds of the segments of a trace, all of them or those of one service. */
type Test = (segments: readonly TraceSegment[], trace: Trace) => boolean;

const TOKEN =
  /\s*(?:(AND|OR|NOT|BEGINSWITH|ENDSWITH|CONTAINS)\b|(!=|<=|>=|[=<>!(){},:[\]])|"((?:[^"\\]|\\.)*)"|(-?\d+(?:\.\d+)?)|([A-Za-z_][\w.]*))/iy;

interface Token {
  readonly kind: 'word' | 'sign' | 'text' | 'number' | 'name' | 'end';
  readonly text: string;
}

const tokensOf = (expression: string): Token[] => {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < expression.trimEnd().length) {
    const match = TOKEN.exec(expression);
    if (match === null) throw invalidRequest(`Invalid filter expression: ${expression}`);
    const [, word, sign, text, number, name] = match;
    if (word !== undefined) tokens.push({ kind: 'word', text: word.toUpperCase() });
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign });
    else if (text !== undefined) tokens.push({ kind: 'text', text: text.replace(/\\(.)/g, '$1') });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else tokens.push({ kind: 'name', text: name as string });
  }
  tokens.push({ kind: 'end', text: '' });
  return tokens;
};

const isFlagged = (segment: TraceSegment, flag: string): boolean =>
  segment[flag] === true || partsOf(segment).some((part) => isFlagged(part, flag));

/** `http` of a segment: what came in. */
const httpOf = ({ http }: TraceSegment) => (http ?? {}) as { readonly request?: Fields; readonly response?: Fields };
type Fields = Readonly<Record<string, unknown>>;

const annotationsIn = (segment: TraceSegment, key: string): readonly unknown[] => {
  const own = ((segment['annotations'] ?? {}) as Fields)[key];
  const inner = partsOf(segment).flatMap((part) => annotationsIn(part, key));
  return own === undefined ? inner : [own, ...inner];
};

const KEYWORDS: ReadonlySet<string> = new Set([
  'responsetime',
  'duration',
  'http.status',
  'http.url',
  'http.method',
  'http.useragent',
  'http.clientip',
  'user',
  'name',
]);

/** Values behind a keyword; any of them may satisfy a comparison. */
const valuesOf = (keyword: string, segments: readonly TraceSegment[], trace: Trace): readonly unknown[] => {
  switch (keyword) {
    case 'responsetime':
    case 'duration':
      return segments === trace.segments ? [trace.endsAt - trace.startsAt] : segments.map(durationOf);
    case 'http.status':
      return segments.map((segment) => httpOf(segment).response?.['status']);
    case 'http.url':
      return segments.map((segment) => httpOf(segment).request?.['url']);
    case 'http.method':
      return segments.map((segment) => httpOf(segment).request?.['method']);
    case 'http.useragent':
      return segments.map((segment) => httpOf(segment).request?.['user_agent']);
    case 'http.clientip':
      return segments.map((segment) => httpOf(segment).request?.['client_ip']);
    case 'user':
      return segments.map((segment) => segment['user']);
    default:
      return segments.map(({ name }) => name);
  }
};

const compare = (operator: string, actual: unknown, expected: string | number | boolean): boolean => {
  if (actual === undefined || actual === null) return false;
  if (typeof expected === 'number') {
    const number = Number(actual);
    const order: Readonly<Record<string, boolean>> = {
      '=': number === expected,
      '!=': number !== expected,
      '<': number < expected,
      '<=': number <= expected,
      '>': number > expected,
      '>=': number >= expected,
    };
    return order[operator] ?? false;
  }
  const [text, wanted] = [String(actual), String(expected)];
  switch (operator) {
    case '=':
      return text === wanted;
    case '!=':
      return text !== wanted;
    case 'BEGINSWITH':
      return text.startsWith(wanted);
    case 'ENDSWITH':
      return text.endsWith(wanted);
    case 'CONTAINS':
      return text.includes(wanted);
    default:
      throw invalidRequest(`Invalid operator ${operator} for text`);
  }
};

const FLAGS: Readonly<Record<string, Test>> = {
  ok: (segments) => !segments.some((each) => ['error', 'fault', 'throttle'].some((flag) => isFlagged(each, flag))),
  error: (segments) => segments.some((each) => isFlagged(each, 'error')),
  fault: (segments) => segments.some((each) => isFlagged(each, 'fault')),
  throttle: (segments) => segments.some((each) => isFlagged(each, 'throttle')),
  partial: (_, trace) => trace.isPartial,
};

const OPERATORS = ['=', '!=', '<', '<=', '>', '>=', 'BEGINSWITH', 'ENDSWITH', 'CONTAINS'];

/** Reads filter expressions: `fault AND service("orders") { responsetime > 1 }`. */
class Parser {
  readonly #expression: string;
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(expression: string) {
    this.#expression = expression;
    this.#tokens = tokensOf(expression);
  }

  parse(): Test {
    const test = this.#either();
    if (this.#peek().kind !== 'end') throw this.#wrong();
    return test;
  }

  #peek(): Token {
    return this.#tokens[this.#at] as Token;
  }

  #next(): Token {
    const token = this.#peek();
    this.#at += 1;
    return token;
  }

  #wrong() {
    return invalidRequest(`Invalid filter expression: ${this.#expression}`);
  }

  #takes(text: string): boolean {
    const { kind, text: found } = this.#peek();
    if (found !== text || (kind !== 'sign' && kind !== 'word')) return false;
    this.#at += 1;
    return true;
  }

  #expect(text: string): void {
    if (!this.#takes(text)) throw this.#wrong();
  }

  #either(): Test {
    const tests = [this.#both()];
    while (this.#takes('OR')) tests.push(this.#both());
    return tests.length === 1 ? (tests[0] as Test) : (...on) => tests.some((test) => test(...on));
  }

  #both(): Test {
    const tests = [this.#one()];
    while (this.#takes('AND')) tests.push(this.#one());
    return tests.length === 1 ? (tests[0] as Test) : (...on) => tests.every((test) => test(...on));
  }

  #one(): Test {
    if (this.#takes('!') || this.#takes('NOT')) {
      const test = this.#one();
      return (...on) => !test(...on);
    }
    if (this.#takes('(')) {
      const test = this.#either();
      this.#expect(')');
      return test;
    }
    const { kind, text } = this.#next();
    if (kind !== 'name') throw this.#wrong();
    const keyword = text.toLowerCase();
    if (keyword === 'service') return this.#service();
    if (keyword === 'annotation' || keyword.startsWith('annotation.')) return this.#annotation(text);
    const flag = FLAGS[keyword];
    if (flag === undefined) {
      if (!KEYWORDS.has(keyword)) throw notSupported(`the keyword ${keyword} in filter expressions of traces`);
      return this.#comparison((segments, trace) => valuesOf(keyword, segments, trace));
    }
    if (!this.#takes('=')) return flag;
    const wanted = this.#value();
    return (...on) => flag(...on) === wanted;
  }

  /** `service("name")`, `service(id(name: "n", type: "t"))`, each with conditions in braces. */
  #service(): Test {
    this.#expect('(');
    let name: string | undefined;
    let type: string | undefined;
    if (this.#peek().kind === 'text') name = this.#next().text;
    else if (!(this.#peek().text === ')')) {
      if (this.#next().text !== 'id') throw this.#wrong();
      this.#expect('(');
      while (!this.#takes(')')) {
        const member = this.#next().text;
        this.#expect(':');
        const { text } = this.#next();
        if (member === 'name') name = text;
        else if (member === 'type') type = text;
        else throw notSupported(`the member ${member} of id in filter expressions of traces`);
        this.#takes(',');
      }
    }
    this.#expect(')');
    let inner: Test | undefined;
    if (this.#takes('{')) {
      inner = this.#either();
      this.#expect('}');
    }
    return (segments, trace) => {
      const own = segments.filter(
        (segment) => (name ?? segment.name) === segment.name && (type ?? typeOf(segment)) === typeOf(segment),
      );
      return own.some((segment) => inner === undefined || inner([segment], trace));
    };
  }

  #annotation(keyword: string): Test {
    let key = keyword.slice('annotation.'.length);
    if (key === '') {
      this.#expect('[');
      key = this.#next().text;
      this.#expect(']');
    }
    const values = (segments: readonly TraceSegment[]) => segments.flatMap((segment) => annotationsIn(segment, key));
    const isCompared = OPERATORS.includes(this.#peek().text);
    return isCompared ? this.#comparison(values) : (segments) => values(segments).length > 0;
  }

  #comparison(values: (segments: readonly TraceSegment[], trace: Trace) => readonly unknown[]): Test {
    const { text: operator } = this.#next();
    if (!OPERATORS.includes(operator)) throw this.#wrong();
    const expected = this.#value();
    return (segments, trace) => values(segments, trace).some((actual) => compare(operator, actual, expected));
  }

  #value(): string | number | boolean {
    const { kind, text } = this.#next();
    if (kind === 'number') return Number(text);
    if (kind === 'text') return text;
    if (kind === 'name' && (text === 'true' || text === 'false')) return text === 'true';
    throw this.#wrong();
  }
}

/**
 * Whether a trace passes a filter expression.
 *
 * @throws ServiceError when the expression is none, or has what is not modelled
 * @see https://docs.aws.amazon.com/xray/latest/devguide/aws-xray-interface-console.html#xray-console-filters
 */
export const traceFilter = (expression: string | undefined): ((trace: Trace) => boolean) => {
  if (expression === undefined || expression.trim() === '') return () => true;
  const test = new Parser(expression).parse();
  return (trace) => test(trace.segments, trace);
};
