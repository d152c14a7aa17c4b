import { instantText, type Json } from '../../../core/index.ts';
import type { StoredExecution, Thread } from './execution.ts';

const timeText = (at: number): string => new Date(at).toISOString();

/** What `$$` and `$states.context` mean. https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html */
export const contextObject = (
  execution: StoredExecution,
  input: Json,
  thread: Thread,
  item: { readonly index: number; readonly value: Json } | undefined,
  token: string | undefined,
  hasRetries: boolean,
): Json => ({
  Execution: {
    Id: execution.arn,
    Input: input,
    StartTime: timeText(execution.startedAt),
    Name: execution.name,
    RoleArn: execution.roleArn === '' ? null : execution.roleArn,
    ...(execution.isSynchronous === true ? {} : { RedriveCount: execution.redriveCount }),
    ...(execution.redrivenAt === undefined ? {} : { RedriveTime: instantText(new Date(execution.redrivenAt)) }),
  },
  StateMachine: { Id: execution.versionArn ?? execution.machineArn, Name: execution.machineName },
  State: {
    Name: thread.state,
    EnteredTime: timeText(thread.enteredAt),
    ...(hasRetries ? { RetryCount: thread.retryCount } : {}),
  },
  ...(token === undefined ? {} : { Task: { Token: token } }),
  ...(item === undefined ? {} : { Map: { Item: { Index: item.index, Value: item.value } } }),
});
