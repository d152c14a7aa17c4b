import { CommandError, EXIT } from '../exit-code.ts';
import { print, printJson, table } from '../output.ts';
import type { Target } from '../target.ts';
import { lookAtFailures, type SeenFailure } from './look.ts';

/** Messages that are looked through for one of them. */
const LOOKED_THROUGH_MAX = 10_000;

const withoutMessage = ({ message: { expiresAt }, ...failure }: SeenFailure): object => ({
  ...failure,
  ...(expiresAt === undefined ? {} : { expiresAt }),
});

/** Shows the messages of a queue: what failed, and why. */
export const peekQueue = async (target: Target, queue: string, max: number, asJson: boolean): Promise<void> => {
  const failures = await lookAtFailures(target, queue, max);
  if (asJson) printJson(failures.map(withoutMessage));
  else if (failures.length === 0) print('no visible messages');
  else {
    print(
      table(
        ['SENT', 'RECEIVES', 'CONDITION', 'ABOUT', 'ERROR', 'MESSAGE ID'],
        failures.map((f) => [f.sentAt, f.receiveCount, f.condition, f.about, f.error.slice(0, 80), f.messageId]),
      ),
    );
  }
};

const attributesOf = ({ message }: SeenFailure): readonly string[] =>
  Object.entries(message.MessageAttributes ?? {}).map(
    ([name, { StringValue, DataType }]) => `  ${name}: ${StringValue ?? `(${DataType})`}`,
  );

/** Shows all that is known of one message. */
export const showMessage = async (target: Target, queue: string, messageId: string, asJson: boolean): Promise<void> => {
  const failures = await lookAtFailures(target, queue, LOOKED_THROUGH_MAX);
  const failure = failures.find((each) => each.messageId === messageId);
  if (failure === undefined) {
    throw new CommandError(`no visible message ${messageId} among the first ${failures.length}`, EXIT.notFound);
  }
  if (asJson) {
    printJson({ ...withoutMessage(failure), attributes: failure.message.MessageAttributes ?? {} });
    return;
  }
  const { expiresAt } = failure.message;
  const lines = [
    `message    ${failure.messageId}`,
    `sent       ${failure.sentAt}, received ${failure.receiveCount} times`,
    ...(expiresAt === undefined ? [] : [`gone       ${expiresAt}, when its retention ends`]),
    ...(failure.condition === '' ? [] : [`given up   ${failure.condition}`]),
    ...(failure.about === '' ? [] : [`about      ${failure.about}`]),
    `error      ${failure.error === '' ? 'nobody says' : failure.error}`,
    ...attributesOf(failure),
    '',
    failure.body,
  ];
  print(lines.join('\n'));
};
