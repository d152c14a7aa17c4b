import { isObject, type Json, type JsonObject, type ServiceError } from '../../../core/index.ts';
import { validation } from '../errors.ts';

const FIELDS: Readonly<Record<string, Readonly<Record<string, 'string' | 'number' | 'any'>>>> = {
  Execution: {
    Id: 'string',
    Input: 'any',
    Name: 'string',
    RoleArn: 'string',
    StartTime: 'string',
    RedriveCount: 'number',
    RedriveTime: 'string',
  },
  State: { EnteredTime: 'string', Name: 'string', RetryCount: 'number' },
  StateMachine: { Id: 'string', Name: 'string' },
  Task: { Token: 'string' },
};

const refuse = (why: string): ServiceError => validation(`Invalid Context object provided: ${why}`);

/** The context object that a test brings with it. */
export const readTestContext = (text: string | undefined, state: JsonObject): JsonObject | undefined => {
  if (text === undefined) return undefined;
  let context: Json;
  try {
    context = JSON.parse(text) as Json;
  } catch {
    throw refuse('must be valid JSON');
  }
  if (!isObject(context)) throw refuse('must be a JSON object');
  for (const [name, part] of Object.entries(context)) {
    if (name === 'Map') throw refuse("'Map' field is not supported when mocking a Context object");
    const fields = FIELDS[name];
    if (fields === undefined) throw refuse(`Field '${name}' is not allowed`);
    if (!isObject(part)) throw refuse(`${name} must be a JSON object`);
    for (const [member, value] of Object.entries(part)) {
      const wanted = fields[member];
      if (wanted === undefined) throw refuse(`Field '${member}' is not allowed`);
      if (wanted !== 'any' && typeof value !== wanted) throw refuse(`${name}.${member} must be a ${wanted}`);
    }
  }
  const pattern = /\.(?:sync(?::\d)?|waitForTaskToken)$/;
  if (context.Task !== undefined && !(state.Type === 'Task' && pattern.test(String(state.Resource)))) {
    throw refuse(
      "Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' service integration pattern",
    );
  }
  return context;
};
