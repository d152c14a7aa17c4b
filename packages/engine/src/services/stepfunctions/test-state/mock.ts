import type { MockResponseValidationMode, TestStateCommandInput } from '@aws-sdk/client-sfn';
import { Constraints, type Json, type JsonObject } from '../../../core/index.ts';
import { validation } from '../errors.ts';

/** What a test says a state's work comes to. */
export type StateMock =
  | {
      readonly kind: 'result';
      readonly result: Json;
      readonly text: string;
      /** How much of the result is compared with the form of the API's answer. */
      readonly compares: MockResponseValidationMode;
    }
  | { readonly kind: 'failure'; readonly error: string | undefined; readonly cause: string | undefined };

const WITHOUT_WORK: ReadonlySet<string> = new Set(['Pass', 'Fail', 'Succeed', 'Choice', 'Wait']);

export const readMock = (input: TestStateCommandInput, state: JsonObject): StateMock | undefined => {
  const { mock, stateConfiguration } = input;
  if (mock === undefined) {
    if (stateConfiguration?.mapIterationFailureCount !== undefined) {
      throw validation('TestState does not support MapIterationFailureCount when a mock is not specified.');
    }
    return undefined;
  }
  if (mock.result !== undefined && mock.errorOutput !== undefined) {
    throw validation('A test mock should have only one of the following fields: [result, errorOutput].');
  }
  if (input.revealSecrets === true)
    throw validation('TestState does not support RevealSecrets when a mock is specified.');
  const { fieldValidationMode } = mock;
  new Constraints().oneOf('mock.fieldValidationMode', fieldValidationMode, ['STRICT', 'PRESENT', 'NONE']).check();
  const type = state.Type as string;
  if (WITHOUT_WORK.has(type)) throw validation(`State type '${type}' is not supported when a mock is specified`);
  if (mock.errorOutput !== undefined) {
    return { kind: 'failure', error: mock.errorOutput.error, cause: mock.errorOutput.cause };
  }
  const text = mock.result ?? 'null';
  const result = readResult(text);
  checkShape(result, type, state);
  const failures = stateConfiguration?.mapIterationFailureCount;
  if (failures !== undefined && Array.isArray(result) && failures > result.length) {
    throw validation('Map iteration failure count must be less than or equal to the number of Map iterations');
  }
  return { kind: 'result', result, text, compares: fieldValidationMode ?? 'STRICT' };
};

const readResult = (text: string): Json => {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw validation('Mocked result must be valid JSON');
  }
};

const checkShape = (result: Json, type: string, state: JsonObject): void => {
  const isObject = typeof result === 'object' && result !== null && !Array.isArray(result);
  if (type === 'Map' && state.ResultWriter !== undefined) {
    if (!isObject) throw validation('Mocked result must be a JSON object.');
    return;
  }
  if (type !== 'Map' && type !== 'Parallel') return;
  if (!Array.isArray(result)) throw validation('Mocked result must be an array.');
  const branches = state.Branches as readonly Json[] | undefined;
  if (type === 'Parallel' && Array.isArray(branches) && branches.length > 0 && branches.length !== result.length) {
    throw validation('Mocked result must contain the same number of items as number of Parallel branches.');
  }
};
