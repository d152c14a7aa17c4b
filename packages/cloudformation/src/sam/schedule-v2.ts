import type { Json, JsonObject } from '@holdfast/engine';
import { deadLetters } from './dead-letters.ts';
import { attribute, type Resources, roleFor, statement } from './names.ts';

/** What a schedule starts. */
export interface ScheduleTarget {
  readonly arn: Json;
  /** What the schedule's role may do with it. */
  readonly action: string;
  readonly policyName: string;
}

const TARGET_MEMBERS = ['Input', 'RetryPolicy'];

/**
 * An event of type `ScheduleV2`: a schedule of EventBridge Scheduler with a role that may start its target.
 *
 * @see https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-schedulev2.html
 */
export const expandScheduleV2 = (id: string, properties: JsonObject, target: ScheduleTarget): Resources => {
  const { RoleArn, PermissionsBoundary, DeadLetterConfig, OmitName, Name, ...own } = properties;
  const letters = deadLetters(id, DeadLetterConfig);
  const roleId = `${id}Role`;
  const may = (PolicyName: string, action: string, resource: Json): JsonObject => ({
    PolicyName,
    PolicyDocument: { Version: '2012-10-17', Statement: [statement(action, resource)] },
  });
  const role = roleFor('scheduler.amazonaws.com', {
    Policies: [
      may(target.policyName, target.action, target.arn),
      ...(letters.arn === undefined ? [] : [may(`${id}SQSPolicy`, 'sqs:SendMessage', letters.arn)]),
    ],
    ...(PermissionsBoundary === undefined ? {} : { PermissionsBoundary }),
  });
  const isOfTarget = ([name]: [string, Json]): boolean => TARGET_MEMBERS.includes(name);
  return {
    ...letters.resources,
    ...(RoleArn === undefined ? { [roleId]: role } : {}),
    [id]: {
      Type: 'AWS::Scheduler::Schedule',
      Properties: {
        FlexibleTimeWindow: { Mode: 'OFF' },
        ...(OmitName === true ? {} : { Name: Name ?? id }),
        ...Object.fromEntries(Object.entries(own).filter((entry) => !isOfTarget(entry))),
        Target: {
          Arn: target.arn,
          RoleArn: RoleArn ?? attribute(roleId),
          ...Object.fromEntries(Object.entries(own).filter(isOfTarget)),
          ...(letters.arn === undefined ? {} : { DeadLetterConfig: { Arn: letters.arn } }),
        },
      },
    },
  };
};
