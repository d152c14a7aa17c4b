import { utf8Length } from '@holdfast/kernel';
import { ServiceError } from '../../core/index.ts';
import { readJson } from './definition/json-text.ts';
import { validation } from './errors.ts';
import { PAYLOAD_BYTES_MAX } from './payload-limit.ts';

/** What an execution, or a state that is tested alone, may be given. @throws ServiceError InvalidExecutionInput, ValidationException */
export const checkInput = (text: string): void => {
  const refuse = (why: string): ServiceError =>
    new ServiceError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${why}'`, 400);
  if (utf8Length(text) > PAYLOAD_BYTES_MAX) {
    const rule = `Member must have length less than or equal to ${PAYLOAD_BYTES_MAX}`;
    throw validation(`1 validation error detected: Value at 'input' failed to satisfy constraint: ${rule}`);
  }
  if (text.trim() === '') throw refuse('Invalid execution input.');
  const read = readJson(text);
  if ('problem' in read) throw refuse(read.problem);
};
