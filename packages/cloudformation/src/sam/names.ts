import { canonicalJson, isObject, type Json, type JsonObject } from '@holdfast/engine';
import type { Digest } from '@holdfast/kernel';
import { validationError } from '../errors.ts';

/** Resources by logical id, as a template holds them. */
export type Resources = Record<string, JsonObject>;

export const ref = (logicalId: string): JsonObject => ({ Ref: logicalId });
export const attribute = (logicalId: string, name = 'Arn'): JsonObject => ({ 'Fn::GetAtt': [logicalId, name] });

/** Ten characters that change with the content. */
export const contentHash = (content: Json, digest: Digest): string =>
  digest.sha256Hex(canonicalJson(content)).slice(0, 10);

/** The members of `given` as an object; an absent value is an empty one. */
export const membersOf = (given: Json | undefined): JsonObject => (isObject(given) ? given : {});

/** What SAM says of a resource that it cannot make sense of. */
export const invalidResource = (logicalId: string, text: string): Error =>
  validationError(
    `Transform AWS::Serverless-2016-10-31 failed with: Invalid Serverless Application Specification document. Number of errors found: 1. Resource with id [${logicalId}] is invalid. ${text}`,
  );

export const statement = (Action: Json, Resource: Json, more: JsonObject = {}): JsonObject => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});

/** A role that a service takes on. */
export const roleFor = (service: string, more: JsonObject): JsonObject => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Action: ['sts:AssumeRole'], Effect: 'Allow', Principal: { Service: [service] } }],
    },
    ...more,
  },
});

/** Tags as most resources take them. */
export const tagList = (tags: Json | undefined): readonly JsonObject[] =>
  Object.entries(membersOf(tags)).map(([Key, Value]) => ({ Key, Value }));

/** A queue's policy that lets one source of a service send to it. */
export const queuePolicy = (queueId: string, Principal: Json, sourceArn: Json): JsonObject => ({
  Type: 'AWS::SQS::QueuePolicy',
  Properties: {
    Queues: [ref(queueId)],
    PolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        statement('sqs:SendMessage', attribute(queueId), {
          Principal,
          Condition: { ArnEquals: { 'aws:SourceArn': sourceArn } },
        }),
      ],
    },
  },
});
