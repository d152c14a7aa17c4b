import { notSupported, ServiceError } from '../../core/index.ts';
import type { AlarmState } from './alarm.ts';

/** The rule of a composite alarm, parsed. */
export type AlarmRule =
  | { readonly kind: 'constant'; readonly isTrue: boolean }
  | { readonly kind: 'state'; readonly state: AlarmState; readonly alarm: string }
  | { readonly kind: 'not'; readonly rule: AlarmRule }
  | { readonly kind: 'and' | 'or'; readonly rules: readonly AlarmRule[] };

const RULE_CHARACTERS_MAX = 10_240;
/** Alarms that one rule may name. */
const ALARMS_MAX = 100;

const TOKEN = /\s*(?:([()])|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\s()"']+))/y;

type Token = { readonly text: string; readonly isQuoted: boolean };

const invalid = (reason: string): ServiceError =>
  new ServiceError('ValidationError', `AlarmRule is invalid: ${reason}`, 400);

const tokenize = (source: string): Token[] => {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (source.slice(TOKEN.lastIndex).trim() !== '') {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(source);
    if (match === null) throw invalid(`unexpected character at position ${at}`);
    const [, bracket, double, single, word] = match;
    const quoted = double ?? single;
    tokens.push({ text: bracket ?? quoted ?? (word as string), isQuoted: quoted !== undefined });
  }
  return tokens;
};

/**
 * Reads `ALARM("a") AND NOT (OK(b) OR INSUFFICIENT_DATA("c"))`. NOT binds closest, then AND, then OR; names and ARNs may
 * stand in quotes.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
 */
export const parseAlarmRule = (source: string): AlarmRule => {
  if (source.length > RULE_CHARACTERS_MAX) throw invalid(`it is longer than ${RULE_CHARACTERS_MAX} characters`);
  const tokens = tokenize(source);
  let position = 0;
  const peek = (text: string): boolean => tokens[position]?.text === text && tokens[position]?.isQuoted === false;
  const take = (text: string): boolean => {
    if (!peek(text)) return false;
    position += 1;
    return true;
  };
  const expect = (text: string): void => {
    if (!take(text)) throw invalid(`expected ${text} ${where()}`);
  };
  const where = (): string => {
    const token = tokens[position];
    return token === undefined ? 'at the end' : `before ${token.text}`;
  };
  const primary = (): AlarmRule => {
    if (take('NOT')) return { kind: 'not', rule: primary() };
    if (take('(')) {
      const inner = either();
      expect(')');
      return inner;
    }
    if (take('TRUE')) return { kind: 'constant', isTrue: true };
    if (take('FALSE')) return { kind: 'constant', isTrue: false };
    if (peek('AT_LEAST')) throw notSupported('AT_LEAST in the rule of a composite alarm');
    for (const state of ['ALARM', 'OK', 'INSUFFICIENT_DATA'] as const) {
      if (!take(state)) continue;
      expect('(');
      const words: string[] = [];
      while (position < tokens.length && !peek(')')) words.push((tokens[position++] as Token).text);
      expect(')');
      if (words.length === 0) throw invalid(`${state} needs the name of an alarm`);
      return { kind: 'state', state, alarm: words.join(' ') };
    }
    throw invalid(`expected ALARM, OK, INSUFFICIENT_DATA, TRUE, FALSE, NOT or ( ${where()}`);
  };
  const sequence = (word: 'AND' | 'OR', kind: 'and' | 'or', next: () => AlarmRule): AlarmRule => {
    const rules = [next()];
    while (take(word)) rules.push(next());
    return rules.length === 1 ? (rules[0] as AlarmRule) : { kind, rules };
  };
  const both = (): AlarmRule => sequence('AND', 'and', primary);
  const either = (): AlarmRule => sequence('OR', 'or', both);

  const rule = either();
  if (position < tokens.length) throw invalid(`unexpected ${tokens[position]?.text}`);
  if (alarmsIn(rule).length > ALARMS_MAX) throw invalid(`it names more than ${ALARMS_MAX} alarms`);
  return rule;
};

/** Names and ARNs in a rule, each once. */
export const alarmsIn = (rule: AlarmRule): string[] => {
  switch (rule.kind) {
    case 'constant':
      return [];
    case 'state':
      return [rule.alarm];
    case 'not':
      return alarmsIn(rule.rule);
    default:
      return [...new Set(rule.rules.flatMap(alarmsIn))];
  }
};

/** Whether a rule holds; an alarm that is gone is in no state. */
export const ruleHolds = (rule: AlarmRule, stateOf: (alarm: string) => AlarmState | undefined): boolean => {
  switch (rule.kind) {
    case 'constant':
      return rule.isTrue;
    case 'state':
      return stateOf(rule.alarm) === rule.state;
    case 'not':
      return !ruleHolds(rule.rule, stateOf);
    case 'and':
      return rule.rules.every((part) => ruleHolds(part, stateOf));
    case 'or':
      return rule.rules.some((part) => ruleHolds(part, stateOf));
  }
};
