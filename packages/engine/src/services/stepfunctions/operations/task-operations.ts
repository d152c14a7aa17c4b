import type * as Sdk from '@aws-sdk/client-sfn';
import { makeArn } from '@holdfast/aws-model';
import { Constraints, limitedTags, type Operations, operation, readLowerCaseTags } from '../../../core/index.ts';
import { isName, readArn } from '../arns.ts';
import { activityMissing, invalidArn, invalidName, tooManyTags } from '../errors.ts';
import type { StoredActivity } from '../machines.ts';
import { TaskCallbacks } from '../task-callbacks.ts';
import type { StatesWiring } from '../wiring.ts';
import { OWNED_BY_AWS } from './encryption.ts';
import { takePage } from './paging.ts';

/** Activities, and what workers and callbacks report. */
export const taskOperations = ({ desk }: StatesWiring): Operations<typeof Sdk> => {
  const { activities } = desk;
  const callbacks = new TaskCallbacks(desk);
  const find = (arn: string | undefined): StoredActivity => {
    const text = arn ?? '';
    if (readArn(text).kind !== 'activity') throw invalidArn(text);
    const activity = activities.table.get(text);
    if (activity === undefined) throw activityMissing(text);
    return activity;
  };
  return {
    CreateActivity: operation(['name', 'tags'], (input, context) => {
      new Constraints().required('name', input.name).check();
      const name = input.name as string;
      if (!isName(name)) throw invalidName(name);
      const { account, region, now } = context;
      const arn = makeArn('states', region, account, `activity:${name}`);
      const existing = activities.table.get(arn);
      if (existing !== undefined) return { activityArn: arn, creationDate: new Date(existing.createdAt) };
      const tags = limitedTags(readLowerCaseTags(input.tags), tooManyTags(arn));
      activities.table.put({ arn, name, account, region, createdAt: now, tags });
      return { activityArn: arn, creationDate: new Date(now) };
    }),
    DeleteActivity: operation(['activityArn'], (input) => {
      const arn = input.activityArn ?? '';
      if (readArn(arn).kind !== 'activity') throw invalidArn(arn);
      activities.table.delete(arn);
      return {};
    }),
    DescribeActivity: operation(['activityArn'], (input) => {
      const { arn, name, createdAt } = find(input.activityArn);
      return { activityArn: arn, name, creationDate: new Date(createdAt), encryptionConfiguration: OWNED_BY_AWS };
    }),
    ListActivities: operation(['maxResults', 'nextToken'], (input, context) => {
      const mine = [...activities.table.values()]
        .filter(({ account, region }) => account === context.account && region === context.region)
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      const { page, nextToken } = takePage(mine, input);
      const listed = page.map(({ arn, name, createdAt }) => ({
        activityArn: arn,
        name,
        creationDate: new Date(createdAt),
      }));
      return { activities: listed, nextToken };
    }),
    GetActivityTask: operation(['activityArn', 'workerName'], (input, context) => {
      const { arn } = find(input.activityArn);
      return activities.poll(arn, input.workerName, context.onDisconnect ?? (() => {}));
    }),
    SendTaskSuccess: operation(['taskToken', 'output'], (input) => {
      new Constraints().required('taskToken', input.taskToken).required('output', input.output).check();
      callbacks.succeeded(input.taskToken as string, input.output as string);
      return {};
    }),
    SendTaskFailure: operation(['taskToken', 'error', 'cause'], (input) => {
      new Constraints()
        .required('taskToken', input.taskToken)
        .length('error', input.error, 0, 256)
        .length('cause', input.cause, 0, 32_768)
        .check();
      callbacks.failed(input.taskToken as string, input.error, input.cause);
      return {};
    }),
    SendTaskHeartbeat: operation(['taskToken'], (input) => {
      new Constraints().required('taskToken', input.taskToken).check();
      callbacks.isAlive(input.taskToken as string);
      return {};
    }),
  };
};
