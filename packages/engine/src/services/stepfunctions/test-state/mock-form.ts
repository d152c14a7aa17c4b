import { type ApiCaller, type Json, type JsonObject, sdkCall } from '../../../core/index.ts';
import { validation } from '../errors.ts';
import { parseResource, type ServiceResource } from '../integrations/resource.ts';
import type { StateMock } from './mock.ts';

/** The action whose answer a task's result has the form of; none when somebody else gives the result. */
const answeredBy = ({ resourceType, action, pattern }: ServiceResource): ReturnType<typeof sdkCall> | undefined => {
  if (pattern === 'waitForTaskToken') return undefined;
  // A job's result is what describes it in the end.
  if (pattern !== '') return { serviceId: 'states', action: 'DescribeExecution' };
  return sdkCall(resourceType.replace(/^aws-sdk:/, ''), action);
};

/** Members that integrations turn into JSON, whatever the action's model says. */
const freeMembers = ({ resourceType, action, pattern }: ServiceResource): readonly string[] => {
  if (pattern === 'sync:2') return ['Input', 'Output'];
  return resourceType === 'lambda' && action === 'invoke' ? ['Payload'] : [];
};

/**
 * Compares a mocked result with the API's answer: all of it, or only the members that are there.
 *
 * @throws ServiceError naming the first member that does not fit
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/test-state-isolation.html
 */
export const checkMockForm = async (api: ApiCaller, state: JsonObject, mock: StateMock | undefined): Promise<void> => {
  if (mock?.kind !== 'result' || mock.compares === 'NONE' || state.Type !== 'Task') return;
  const resource = parseResource(state.Resource as string);
  const { result } = mock;
  if (resource?.kind !== 'service' || typeof result !== 'object' || result === null || Array.isArray(result)) return;
  const answer = answeredBy(resource);
  if (answer === undefined) return;
  const free = freeMembers(resource);
  const compared: Json = Object.fromEntries(Object.entries(result).filter(([name]) => !free.includes(name)));
  const problem = await api.outputProblem(answer.serviceId, answer.action, compared, mock.compares === 'STRICT');
  if (problem !== undefined) throw validation(`Mock result schema validation error: ${problem}`);
};
