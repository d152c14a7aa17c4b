import { isObject, type Json, type JsonObject } from '@holdfast/engine';
import { deadLetters } from './dead-letters.ts';
import { IMPLICIT_HTTP_API } from './http-api.ts';
import type { RouteAuth } from './http-api-auth.ts';
import { attribute, invalidResource, membersOf, queuePolicy, type Resources, ref } from './names.ts';
import { managedPolicyArn } from './policies.ts';
import { refusal, refuseOthers } from './refusal.ts';
import { expandScheduleV2 } from './schedule-v2.ts';

/** The function that an event is for. */
export interface EventTarget {
  readonly functionId: string;
  /** The function, or its alias. */
  readonly invoked: JsonObject;
  /** The same as an ARN. */
  readonly arn: JsonObject;
}

/** What one event adds to the template. */
export interface ExpandedEvent {
  readonly resources: Resources;
  /** Managed policies for the function's role. */
  readonly managed?: readonly string[];
  readonly route?: RouteAuth;
  /** Notifications for a bucket that the template describes elsewhere. */
  readonly notifications?: { readonly bucketId: string; readonly entries: readonly JsonObject[] };
}

type Expand = (id: string, properties: JsonObject, target: EventTarget) => ExpandedEvent;

const permission = (target: EventTarget, Principal: string, source: JsonObject): JsonObject => ({
  Type: 'AWS::Lambda::Permission',
  Properties: { Action: 'lambda:InvokeFunction', FunctionName: target.invoked, Principal, ...source },
});

/** `OnFailure` of SAM says the kind of destination too, which the mapping finds out by itself. */
const withoutType = (config: Json): Json => {
  if (!isObject(config) || !isObject(config['OnFailure'])) return config;
  const { Type: _, ...onFailure } = config['OnFailure'];
  return { ...config, OnFailure: onFailure };
};

/** A source that Lambda reads by itself. What is not named here goes to the mapping as it is. */
const polled =
  (sourceMember: string, policy: string): Expand =>
  (id, { [sourceMember]: source = '', DestinationConfig, ...rest }, target) => ({
    resources: {
      [id]: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: {
          EventSourceArn: source,
          FunctionName: target.invoked,
          ...rest,
          ...(DestinationConfig === undefined ? {} : { DestinationConfig: withoutType(DestinationConfig) }),
        },
      },
    },
    managed: [managedPolicyArn(policy)],
  });

const topic: Expand = (id, { Topic = '', SqsSubscription, ...rest }, target) => {
  const subscription = (Protocol: string, Endpoint: Json): JsonObject => ({
    Type: 'AWS::SNS::Subscription',
    Properties: { Endpoint, Protocol, TopicArn: Topic, ...rest },
  });
  if (SqsSubscription === undefined || SqsSubscription === false) {
    return {
      resources: {
        [`${id}Permission`]: permission(target, 'sns.amazonaws.com', { SourceArn: Topic }),
        [id]: subscription('lambda', target.arn),
      },
    };
  }
  if (SqsSubscription !== true) throw refusal(`SqsSubscription with a queue of its own (resource ${id})`);
  return {
    resources: {
      [`${id}Queue`]: { Type: 'AWS::SQS::Queue' },
      [`${id}QueuePolicy`]: queuePolicy(`${id}Queue`, '*', Topic),
      [`${id}EventSourceMapping`]: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: {
          BatchSize: 10,
          Enabled: true,
          EventSourceArn: attribute(`${id}Queue`),
          FunctionName: target.invoked,
        },
      },
      [id]: subscription('sqs', attribute(`${id}Queue`)),
    },
    managed: [managedPolicyArn('AWSLambdaSQSQueueExecutionRole')],
  };
};

const bucket: Expand = (id, { Bucket, Events = [], Filter, ...rest }, target) => {
  const bucketId = membersOf(Bucket)['Ref'];
  if (typeof bucketId !== 'string') {
    throw invalidResource(target.functionId, 'S3 events must reference an S3 bucket in the same template.');
  }
  refuseOthers(rest, [], 'S3 events', id);
  const names = Array.isArray(Events) ? (Events as readonly Json[]) : [Events];
  return {
    resources: {
      [`${id}Permission`]: permission(target, 's3.amazonaws.com', { SourceAccount: ref('AWS::AccountId') }),
    },
    notifications: {
      bucketId,
      entries: names.map((Event) => ({ Event, Function: target.arn, ...(Filter === undefined ? {} : { Filter }) })),
    },
  };
};

const TARGET_MEMBERS = ['Input', 'InputPath', 'InputTransformer', 'RetryPolicy'];

const rule =
  (describe: (properties: JsonObject) => JsonObject): Expand =>
  (id, properties, target) => {
    const { DeadLetterConfig, Target, ...others } = properties;
    const letters = deadLetters(id, DeadLetterConfig);
    const { queueId } = letters;
    const forRule = Object.fromEntries(Object.entries(others).filter(([name]) => !TARGET_MEMBERS.includes(name)));
    const forTarget = Object.fromEntries(Object.entries(others).filter(([name]) => TARGET_MEMBERS.includes(name)));
    const entry: JsonObject = {
      Arn: target.arn,
      Id: membersOf(Target)['Id'] ?? `${id}LambdaTarget`,
      ...forTarget,
      ...(letters.arn === undefined ? {} : { DeadLetterConfig: { Arn: letters.arn } }),
    };
    return {
      resources: {
        ...letters.resources,
        ...(queueId === undefined
          ? {}
          : { [`${queueId}Policy`]: queuePolicy(queueId, { Service: 'events.amazonaws.com' }, attribute(id)) }),
        [id]: { Type: 'AWS::Events::Rule', Properties: { ...describe(forRule), Targets: [entry] } },
        [`${id}Permission`]: permission(target, 'events.amazonaws.com', { SourceArn: attribute(id) }),
      },
    };
  };

const byPattern = rule(({ Pattern, RuleName, ...rest }) => ({
  ...rest,
  ...(Pattern === undefined ? {} : { EventPattern: Pattern }),
  ...(RuleName === undefined ? {} : { Name: RuleName }),
}));

const bySchedule = rule(({ Schedule = '', Enabled, ...rest }) => ({
  ...rest,
  ScheduleExpression: Schedule,
  ...(typeof Enabled === 'boolean' ? { State: Enabled ? 'ENABLED' : 'DISABLED' } : {}),
}));

const byScheduler: Expand = (id, properties, { arn }) => ({
  resources: expandScheduleV2(id, properties, {
    arn,
    action: 'lambda:InvokeFunction',
    policyName: `${id}LambdaPolicy`,
  }),
});

/** Variables of a path as any text, for the condition of a permission. */
const anyValue = (path: string): string => path.replace(/\{[^}]+\}/g, '*');

/** A route of an HTTP API. SAM itself writes the API's OpenAPI document; routes come to the same. */
const httpApi: Expand = (id, properties, target) => {
  const {
    ApiId = ref(IMPLICIT_HTTP_API),
    Auth,
    Path,
    Method,
    PayloadFormatVersion = '2.0',
    TimeoutInMillis,
    ...rest
  } = properties;
  refuseOthers(rest, [], 'HttpApi events', id);
  if ((Path === undefined) !== (Method === undefined)) {
    throw invalidResource(
      target.functionId,
      `Event with id [${id.slice(target.functionId.length)}] is invalid. Path and Method go together.`,
    );
  }
  const method = String(Method).toUpperCase();
  const [routeKey, below] =
    Path === undefined
      ? ['$default', '$default']
      : [`${method} ${String(Path)}`, `${method === 'ANY' ? '*' : method}${anyValue(String(Path))}`];
  // biome-ignore lint/suspicious/noTemplateCurlyInString: placeholders of the template.
  const source = 'arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${__ApiId__}/${__Stage__}/';
  return {
    resources: {
      [`${id}Integration`]: {
        Type: 'AWS::ApiGatewayV2::Integration',
        Properties: {
          ApiId,
          IntegrationType: 'AWS_PROXY',
          IntegrationUri: target.arn,
          PayloadFormatVersion,
          ...(TimeoutInMillis === undefined ? {} : { TimeoutInMillis }),
        },
      },
      [`${id}Route`]: {
        Type: 'AWS::ApiGatewayV2::Route',
        Properties: {
          ApiId,
          RouteKey: routeKey,
          Target: { 'Fn::Join': ['/', ['integrations', ref(`${id}Integration`)]] },
        },
      },
      [`${id}Permission`]: permission(target, 'apigateway.amazonaws.com', {
        SourceArn: { 'Fn::Sub': [`${source}${below}`, { __ApiId__: ApiId, __Stage__: '*' }] },
      }),
    },
    route: { routeId: `${id}Route`, apiId: ApiId, auth: membersOf(Auth) },
  };
};

const TYPES: Readonly<Record<string, Expand>> = {
  HttpApi: httpApi,
  SQS: polled('Queue', 'AWSLambdaSQSQueueExecutionRole'),
  Kinesis: polled('Stream', 'AWSLambdaKinesisExecutionRole'),
  DynamoDB: polled('Stream', 'AWSLambdaDynamoDBExecutionRole'),
  SNS: topic,
  S3: bucket,
  EventBridgeRule: byPattern,
  CloudWatchEvent: byPattern,
  Schedule: bySchedule,
  ScheduleV2: byScheduler,
};

/** Expands one entry of `Events`. */
export const expandEvent = (name: string, event: Json, target: EventTarget): ExpandedEvent => {
  const { Type, Properties } = membersOf(event);
  const expand = TYPES[String(Type)];
  if (expand === undefined) throw refusal(`events of type ${String(Type)} (resource ${target.functionId})`);
  return expand(`${target.functionId}${name}`, membersOf(Properties), target);
};
