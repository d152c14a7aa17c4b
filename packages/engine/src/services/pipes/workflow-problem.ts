import { parseArn } from '@holdfast/aws-model';
import type { ServiceEnvironment } from '../../core/index.ts';
import { performFor } from './pipe-call.ts';
import type { StoredPipe } from './stored-pipe.ts';

/** Type of a state machine; `undefined` when there is none. */
const typeOf = (environment: ServiceEnvironment, pipe: StoredPipe, arn: string): string | undefined => {
  let type: string | undefined;
  performFor<{ type?: string }>(environment, pipe, ['states', 'DescribeStateMachine', { stateMachineArn: arn }], {
    ok: (machine) => {
      type = machine.type;
    },
    failed: () => {},
  });
  return type;
};

/** Why the state machines of a pipe cannot be called as it wants: only express ones can be waited for. */
export const workflowProblem = (environment: ServiceEnvironment, pipe: StoredPipe): string | undefined => {
  const { enrichment, target, targetParameters } = pipe;
  const invocation = targetParameters.StepFunctionStateMachineParameters?.InvocationType ?? 'REQUEST_RESPONSE';
  const isOfStates = (arn: string | undefined): arn is string =>
    arn !== undefined && parseArn(arn)?.service === 'states';
  if (isOfStates(enrichment)) {
    const type = typeOf(environment, pipe, enrichment);
    if (type === undefined) return `The resource ${enrichment} does not exist.`;
    if (type !== 'EXPRESS') return `The enrichment ${enrichment} is a ${type} workflow; it has to be an EXPRESS one.`;
  }
  if (isOfStates(target)) {
    const type = typeOf(environment, pipe, target);
    if (type === undefined) return `The resource ${target} does not exist.`;
    if (type !== 'EXPRESS' && invocation !== 'FIRE_AND_FORGET') {
      return `REQUEST_RESPONSE, the default, is not supported for the ${type} workflow ${target}; set InvocationType to FIRE_AND_FORGET.`;
    }
  }
  return undefined;
};
