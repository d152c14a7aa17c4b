import { parseArn } from '@holdfast/aws-model';
import { utf8Bytes } from '@holdfast/kernel';
import { type ServiceEnvironment, ServiceError } from '../../core/index.ts';
import { performFor, type StepEnd } from './pipe-call.ts';
import type { StoredPipe } from './stored-pipe.ts';

const text = (payload: Uint8Array | undefined): string => new TextDecoder().decode(payload ?? new Uint8Array());

/** Calls a function or an express workflow and waits for what it returns, as JSON text. */
export const callAndWait = (
  environment: ServiceEnvironment,
  pipe: StoredPipe,
  arn: string,
  payload: string,
  end: StepEnd<string>,
): void => {
  if (parseArn(arn)?.service === 'states') {
    performFor<{ status?: string; output?: string; error?: string; cause?: string }>(
      environment,
      pipe,
      ['states', 'StartSyncExecution', { stateMachineArn: arn, input: payload }],
      {
        ...end,
        ok: ({ status, output = '', error = 'States.TaskFailed', cause = '' }) =>
          status === 'SUCCEEDED' ? end.ok(output) : end.failed(new ServiceError(error, cause)),
      },
    );
    return;
  }
  const input = { FunctionName: arn, InvocationType: 'RequestResponse', Payload: utf8Bytes(payload) };
  performFor<{ FunctionError?: string; Payload?: Uint8Array }>(environment, pipe, ['lambda', 'Invoke', input], {
    ...end,
    ok: ({ FunctionError, Payload }) =>
      FunctionError === undefined ? end.ok(text(Payload)) : end.failed(new ServiceError(FunctionError, text(Payload))),
  });
};
