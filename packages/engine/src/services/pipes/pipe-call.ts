import { assumedRoleArn } from '@holdfast/aws-model';
import type { RequestContext, ServiceEnvironment } from '../../core/index.ts';
import { ServiceError } from '../../core/index.ts';
import type { StoredPipe } from './stored-pipe.ts';

/** What came of a step: its answer, or the service's refusal. */
export interface StepEnd<Output> {
  readonly ok: (output: Output) => void;
  readonly failed: (error: ServiceError) => void;
}

const contextOf = (environment: ServiceEnvironment, { account, region, roleArn }: StoredPipe): RequestContext => {
  const role = roleArn.slice(roleArn.lastIndexOf('/') + 1);
  const requestId = environment.ids.uuid();
  const callerArn = assumedRoleArn(account, role, requestId);
  return { account, region, requestId, now: environment.clock.now(), callerArn };
};

/** Performs an action as the pipe's role. Goes on within this turn wherever the service answers at once. */
export const performFor = <Output>(
  environment: ServiceEnvironment,
  pipe: StoredPipe,
  [service, action, input]: readonly [service: string, action: string, input: object],
  { ok, failed }: StepEnd<Output>,
): void => {
  const refused = (error: unknown): void => {
    if (!(error instanceof ServiceError)) throw error;
    failed(error);
  };
  let answer: unknown;
  try {
    answer = environment.call(service, action, input, contextOf(environment, pipe));
  } catch (error) {
    refused(error);
    return;
  }
  if (answer instanceof Promise) answer.then((output) => ok(output as Output), refused);
  else ok(answer as Output);
};
