import type { Message } from '@aws-sdk/client-sqs';
import { type Failure, readFailure } from '@holdfast/aws-model';
import type { Reason } from './reason.ts';

/** What a record says when it only says that something failed. */
const VAGUE = /^(?:Unhandled|Handled)?$/;

/** What a dead letter says of its failure, and what is known beside it where it says nothing. */
export const readLetter = (message: Message, reason: Reason | undefined, parsed?: unknown): Failure => {
  const read = readFailure(message, parsed);
  return VAGUE.test(read.error) && reason !== undefined && reason.error !== ''
    ? { ...read, error: reason.error }
    : read;
};
