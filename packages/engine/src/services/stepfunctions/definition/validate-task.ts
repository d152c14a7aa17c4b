import { type ApiCaller, type JsonObject, notSupported } from '../../../core/index.ts';
import { integrationOf } from '../integrations/index.ts';
import { parseResource } from '../integrations/resource.ts';
import type { MachineType } from '../running/execution.ts';
import { type Findings, isObject } from './findings.ts';

/** What a task asks, of whom, and for how long. */
export const checkTask = (found: Findings, state: JsonObject, type: MachineType, api: ApiCaller, at: string): void => {
  const { Resource: text } = state;
  if (text === undefined) {
    found.fail('These fields are required: [Resource]', at);
    return;
  }
  const place = `${at}/Resource`;
  if (
    isObject(state.Credentials) &&
    state.Credentials.RoleArn === undefined &&
    state.Credentials['RoleArn.$'] === undefined
  ) {
    found.fail("The field 'RoleArn' is required but was missing", `${at}/Credentials`);
  }
  for (const name of ['TimeoutSeconds', 'HeartbeatSeconds']) {
    const value = state[name];
    if (typeof value === 'number') found.integer(value, 1, 99_999_999, `${at}/${name}`);
  }
  if (typeof state.TimeoutSeconds === 'number' && typeof state.HeartbeatSeconds === 'number') {
    if (state.HeartbeatSeconds >= state.TimeoutSeconds) {
      found.fail("The field 'HeartbeatSeconds' must be smaller than 'TimeoutSeconds'", at);
    }
  }
  if (typeof text !== 'string' || !text.startsWith('arn:')) {
    found.fail('Value is not a valid resource ARN', place);
    return;
  }
  const resource = parseResource(text);
  const unknown = `The resource provided ${text} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.`;
  if (resource === undefined) found.fail(unknown, place);
  else if (resource.kind === 'activity' && type === 'EXPRESS') {
    found.fail('Express state machine does not support Activity ARN', place);
  } else if (resource.kind === 'service') {
    const { pattern } = resource;
    if (type === 'EXPRESS' && pattern === 'waitForTaskToken') {
      found.fail("Express state machine does not support '.waitForTaskToken' service integration ", place);
    } else if (type === 'EXPRESS' && pattern !== '') {
      found.fail("Express state machine does not support '.sync' service integration", place);
    } else if (/^(?:lambda|sqs|sns|dynamodb|events|states)$/.test(resource.resourceType)) {
      const integration = integrationOf(resource, api);
      if (integration === undefined || !integration.patterns.includes(pattern)) found.fail(unknown, place);
    } else if (integrationOf(resource, api) === undefined) throw notSupported(`the task ${text}`);
  }
};
