import type { FromEnvironment } from './protocol.ts';
import { doneOfText } from './text-messages.ts';

type Check = (value: unknown) => boolean;
const isText: Check = (value) => typeof value === 'string';
const isNumber: Check = (value) => typeof value === 'number' && Number.isFinite(value);
const isBytes: Check = (value) => value instanceof Uint8Array;
const orAbsent =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const isTrue: Check = (value) => value === true;

const MEMBERS: Readonly<Record<FromEnvironment['type'], readonly (readonly [name: string, check: Check])[]>> = {
  ready: [],
  code: [['compiled', isBytes]],
  'init-error': [
    ['errorType', isText],
    ['payload', isText],
  ],
  log: [['text', isText]],
  done: [
    ['errorType', orAbsent(isText)],
    ['payload', isText],
    ['memoryBytes', isNumber],
    ['isLast', orAbsent(isTrue)],
  ],
  quiet: [
    ['id', isNumber],
    ['nextTimerAt', orAbsent(isNumber)],
  ],
  signal: [['name', isText]],
  children: [],
  'log-pipe': [],
};

/** The message if it is one: code that shares a thread with ours could yet have sent it. */
export const checkedMessage = (value: unknown): FromEnvironment | undefined => {
  if (typeof value === 'string') return doneOfText(value);
  if (typeof value !== 'object' || value === null) return undefined;
  const given = value as Record<string, unknown>;
  const type = given['type'];
  if (typeof type !== 'string' || !Object.hasOwn(MEMBERS, type)) return undefined;
  for (const [name, check] of MEMBERS[type as FromEnvironment['type']]) {
    if (!check(given[name])) return undefined;
  }
  return value as FromEnvironment;
};
