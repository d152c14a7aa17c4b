import type { Message } from '@aws-sdk/client-sqs';
import type { Failure } from '@holdfast/aws-model';
import { InvalidInputError } from '@holdfast/kernel';
import { readLetter } from './reasons/read-letter.ts';
import type { Reason } from './reasons/reason.ts';

/** What a message does not say itself. */
export interface KnownOfMessage {
  readonly reason?: Reason | undefined;
  readonly nowMs?: number;
}

/** Whether a failure is among those that are meant. */
export interface Selection {
  /** As it was asked for; several must all be true. */
  readonly text: string;
  /** Whether it asks for the error, which a redrive policy does not write down. */
  readonly asksForReason: boolean;
  matches(message: Message, known?: KnownOfMessage): boolean;
}

const FIELDS = ['error', 'condition', 'about', 'id'] as const;
type Field = (typeof FIELDS)[number];

const fieldOf = (failure: Failure, field: Field): string => (field === 'id' ? failure.messageId : failure[field]);

const split = (text: string, option: string): readonly [string, string] => {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidInputError(option, text, 'must be a name and a value, with "=" between them');
  return [text.slice(0, at).trim(), text.slice(at + 1)];
};

/** `error=Timeout`: the field contains the value, whatever the case. */
export const byField = (text: string): Selection => {
  const [name, value] = split(text, '--filter');
  const field = FIELDS.find((known) => known === name);
  if (field === undefined) throw new InvalidInputError('--filter', text, `must begin with ${FIELDS.join('=, ')}=`);
  const wanted = value.toLowerCase();
  return {
    text,
    asksForReason: field === 'error',
    matches: (message, { reason } = {}) => fieldOf(readLetter(message, reason), field).toLowerCase().includes(wanted),
  };
};

/** `a.b[0].c` as its steps. */
export const stepsOf = (path: string): readonly string[] =>
  path
    .replaceAll(/\[(\d+)\]/g, '.$1')
    .split('.')
    .filter((step) => step !== '' && step !== '$');

export const valueAt = (value: unknown, steps: readonly string[]): unknown =>
  steps.reduce<unknown>(
    (at, step) =>
      typeof at === 'object' && at !== null && Object.hasOwn(at, step) ? at[step as keyof typeof at] : undefined,
    value,
  );

/** `requestPayload.vendor=VEND001`: the value at a path in the JSON of the body. */
export const byPath = (text: string): Selection => {
  const [path, wanted] = split(text, '--where');
  const steps = stepsOf(path);
  return {
    text,
    asksForReason: false,
    matches({ Body = '' }) {
      let body: unknown;
      try {
        body = JSON.parse(Body);
      } catch {
        return false;
      }
      const found = valueAt(body, steps);
      return found !== undefined && (typeof found === 'string' ? found : JSON.stringify(found)) === wanted;
    },
  };
};

/** Only these messages. */
export const byIds = (ids: readonly string[]): Selection => {
  const wanted = new Set(ids);
  return {
    text: `${wanted.size} messages by id`,
    asksForReason: false,
    matches: ({ MessageId = '' }) => wanted.has(MessageId),
  };
};

/** Those that were sent into the dead-letter queue so many seconds ago or more. */
export const byAge = (seconds: number): Selection => ({
  text: `older than ${seconds} s`,
  asksForReason: false,
  matches: ({ Attributes }, { nowMs = Number.POSITIVE_INFINITY } = {}) =>
    nowMs - Number(Attributes?.SentTimestamp ?? 0) >= seconds * 1_000,
});

export const all = (selections: readonly Selection[]): Selection => ({
  text: selections.map(({ text }) => text).join(' and '),
  asksForReason: selections.some(({ asksForReason }) => asksForReason),
  matches: (message, known) => selections.every((selection) => selection.matches(message, known)),
});
