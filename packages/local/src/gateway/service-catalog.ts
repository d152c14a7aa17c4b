import { headerOf, type WireRequest } from './wire.ts';

/** What tells one AWS service from another on the wire. Shapes come from the SDK package, lazily. */
export interface CatalogEntry {
  /** Key of the service in the engine. */
  readonly id: string;
  /** Service part of the credential scope. */
  readonly signingName: string;
  /** Prefix of `X-Amz-Target`, and the service's name in RPC v2 paths. */
  readonly target: string;
  /** Protocol of the service's requests that carry no mark of their own. */
  readonly fallback: 'json' | 'query' | 'rest-json' | 'rest-xml';
  readonly jsonVersion: '1.0' | '1.1';
  /** `Version` of the Query protocol. */
  readonly apiVersion: string;
  readonly xmlNamespace: string;
  /** Namespace in `__type` of modelled errors; AWS's younger JSON services give the bare name. */
  readonly errorNamespace?: string;
  /** JSON and CBOR errors also carry the code of the Query protocol. */
  readonly isQueryCompatible?: true;
  /** The service answers 400 whatever status its model states for an error. */
  readonly ignoresModelledStatus?: true;
  readonly load: () => Promise<object>;
}

export const catalog: readonly CatalogEntry[] = [
  {
    id: 'sqs',
    signingName: 'sqs',
    target: 'AmazonSQS',
    fallback: 'query',
    jsonVersion: '1.0',
    apiVersion: '2012-11-05',
    xmlNamespace: 'http://queue.amazonaws.com/doc/2012-11-05/',
    errorNamespace: 'com.amazonaws.sqs',
    isQueryCompatible: true,
    ignoresModelledStatus: true,
    load: () => import('@aws-sdk/client-sqs'),
  },
  {
    id: 'sns',
    signingName: 'sns',
    target: 'AmazonSimpleNotificationService',
    fallback: 'query',
    jsonVersion: '1.0',
    apiVersion: '2010-03-31',
    xmlNamespace: 'http://sns.amazonaws.com/doc/2010-03-31/',
    load: () => import('@aws-sdk/client-sns'),
  },
  {
    id: 's3',
    signingName: 's3',
    target: 'AmazonS3',
    fallback: 'rest-xml',
    jsonVersion: '1.0',
    apiVersion: '2006-03-01',
    xmlNamespace: 'http://s3.amazonaws.com/doc/2006-03-01/',
    load: () => import('@aws-sdk/client-s3'),
  },
  {
    id: 'lambda',
    signingName: 'lambda',
    target: 'AWSGirApiService',
    fallback: 'rest-json',
    jsonVersion: '1.1',
    apiVersion: '2015-03-31',
    xmlNamespace: '',
    load: () => import('@aws-sdk/client-lambda'),
  },
  {
    id: 'events',
    signingName: 'events',
    target: 'AWSEvents',
    fallback: 'json',
    jsonVersion: '1.1',
    apiVersion: '2015-10-07',
    xmlNamespace: 'http://events.amazonaws.com/doc/2015-10-07',
    load: () => import('@aws-sdk/client-eventbridge'),
  },
  // Before DynamoDB: they sign with one name, and unmarked requests are the table service's.
  {
    id: 'dynamodbstreams',
    signingName: 'dynamodb',
    target: 'DynamoDBStreams_20120810',
    fallback: 'json',
    jsonVersion: '1.0',
    apiVersion: '2012-08-10',
    xmlNamespace: 'http://dynamodb.amazonaws.com/doc/2012-08-10/',
    errorNamespace: 'com.amazonaws.dynamodb.v20120810',
    load: () => import('@aws-sdk/client-dynamodb-streams'),
  },
  {
    id: 'dynamodb',
    signingName: 'dynamodb',
    target: 'DynamoDB_20120810',
    fallback: 'json',
    jsonVersion: '1.0',
    apiVersion: '2012-08-10',
    xmlNamespace: 'http://dynamodb.amazonaws.com/doc/2012-08-10/',
    errorNamespace: 'com.amazonaws.dynamodb.v20120810',
    load: () => import('@aws-sdk/client-dynamodb'),
  },
  {
    id: 'kinesis',
    signingName: 'kinesis',
    target: 'Kinesis_20131202',
    fallback: 'json',
    jsonVersion: '1.1',
    apiVersion: '2013-12-02',
    xmlNamespace: 'http://kinesis.amazonaws.com/doc/2013-12-02',
    load: () => import('@aws-sdk/client-kinesis'),
  },
  {
    id: 'cloudwatch',
    signingName: 'monitoring',
    target: 'GraniteServiceVersion20100801',
    fallback: 'query',
    jsonVersion: '1.0',
    apiVersion: '2010-08-01',
    xmlNamespace: 'http://monitoring.amazonaws.com/doc/2010-08-01/',
    errorNamespace: 'com.amazonaws.cloudwatch',
    isQueryCompatible: true,
    load: () => import('@aws-sdk/client-cloudwatch'),
  },
  {
    id: 'logs',
    signingName: 'logs',
    target: 'Logs_20140328',
    fallback: 'json',
    jsonVersion: '1.1',
    apiVersion: '2014-03-28',
    xmlNamespace: 'http://monitoring.amazonaws.com/doc/2014-03-28/',
    load: () => import('@aws-sdk/client-cloudwatch-logs'),
  },
  {
    id: 'ssm',
    signingName: 'ssm',
    target: 'AmazonSSM',
    fallback: 'json',
    jsonVersion: '1.1',
    apiVersion: '2014-11-06',
    xmlNamespace: 'http://ssm.amazonaws.com/doc/2014-11-06/',
    load: () => import('@aws-sdk/client-ssm'),
  },
  {
    id: 'iam',
    signingName: 'iam',
    target: 'AWSIdentityManagementV20100508',
    fallback: 'query',
    jsonVersion: '1.1',
    apiVersion: '2010-05-08',
    xmlNamespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
    load: () => import('@aws-sdk/client-iam'),
  },
  {
    id: 'sts',
    signingName: 'sts',
    target: 'AWSSecurityTokenServiceV20110615',
    fallback: 'query',
    jsonVersion: '1.1',
    apiVersion: '2011-06-15',
    xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    load: () => import('@aws-sdk/client-sts'),
  },
  {
    id: 'cloudformation',
    signingName: 'cloudformation',
    target: 'CloudFormation',
    fallback: 'query',
    jsonVersion: '1.1',
    apiVersion: '2010-05-15',
    xmlNamespace: 'http://cloudformation.amazonaws.com/doc/2010-05-15/',
    load: () => import('@aws-sdk/client-cloudformation'),
  },
];

const byTarget = new Map(catalog.map((entry) => [entry.target, entry]));
const bySigningName = new Map(catalog.map((entry) => [entry.signingName, entry]));
const byApiVersion = new Map(
  catalog.filter((entry) => entry.fallback === 'query').map((entry) => [entry.apiVersion, entry]),
);
bySigningName.set('s3express', bySigningName.get('s3') as CatalogEntry);

export type Protocol = 'json' | 'query' | 'cbor' | 'amz-cbor' | 'rest-json' | 'rest-xml';

/** Where a request is going. `entry` is undefined when it names a service that nobody plays here. */
export interface Destination {
  readonly entry: CatalogEntry | undefined;
  readonly protocol: Protocol;
  /** Operation, as far as the envelope names it. */
  readonly action: string | undefined;
  /** What the request called the service, for the error text. */
  readonly serviceName: string;
}

const LAMBDA_PATH =
  /^\/20\d\d-\d\d-\d\d\/(?:functions|event-source-mappings|layers|layers-by-arn|tags|account-settings|code-signing-configs|runtime|durable-executions|capacity-providers)(?:\/|$)/;

const CBOR_PATH = /\/service\/([^/]+)\/operation\/([^/]+)$/;

/** `/<account>/<queue>`, or `/queue/<region>/<account>/<queue>`: SQS clients may post to a queue's own URL. */
export const QUEUE_PATH = /^(?:\/queue\/[a-z0-9-]+)?\/(\d{12})\/([^/]+)\/?$/;

const isForm = (request: WireRequest): boolean =>
  request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;

const parameterOf = (request: WireRequest, name: string): string | undefined => {
  const pattern = new RegExp(`(?:^|&)${name}=([^&]*)`);
  const inQuery = pattern.exec(request.query)?.[1];
  if (inQuery !== undefined) return inQuery;
  return isForm(request) ? pattern.exec(request.body.toString('latin1'))?.[1] : undefined;
};

/** First label of the host, where clients put the service: `sqs.us-east-1.localhost`. */
const byHost = (host: string | undefined): CatalogEntry | undefined => {
  const dot = host?.indexOf('.') ?? -1;
  return host === undefined || dot < 0 ? undefined : bySigningName.get(host.slice(0, dot).toLowerCase());
};

const destinationsByTarget = new Map<string, Destination>();
const TARGETS_MAX = 5_000;

/** `AmazonSQS.SendMessage`. Each is taken apart once: this is on the way of every message. */
const destinationOfTarget = (target: string): Destination => {
  const known = destinationsByTarget.get(target);
  if (known !== undefined) return known;
  const dot = target.lastIndexOf('.');
  const serviceName = dot < 0 ? target : target.slice(0, dot);
  const destination: Destination = {
    entry: byTarget.get(serviceName),
    protocol: 'json',
    action: target.slice(dot + 1),
    serviceName,
  };
  if (destinationsByTarget.size >= TARGETS_MAX) destinationsByTarget.clear();
  destinationsByTarget.set(target, destination);
  return destination;
};

/**
 * Finds service, protocol and (for RPC protocols) operation of a request: marks of the protocol first, then the name
 * in the signature, then host, `Version` and path. A request without any of these is S3's, as its paths are free.
 */
export const destinationOf = (request: WireRequest, signingName: string | undefined): Destination => {
  const target = headerOf(request, 'x-amz-target');
  if (target !== undefined) {
    const destination = destinationOfTarget(target);
    const isCbor = request.headers['content-type']?.startsWith('application/x-amz-cbor-1.') === true;
    return isCbor ? { ...destination, protocol: 'amz-cbor' } : destination;
  }
  if (request.headers['smithy-protocol'] === 'rpc-v2-cbor') {
    const [, serviceName = '', action] = CBOR_PATH.exec(request.path) ?? [];
    return { entry: byTarget.get(serviceName), protocol: 'cbor', action, serviceName };
  }
  const signed = signingName === undefined ? undefined : bySigningName.get(signingName);
  if (signed?.fallback.startsWith('rest')) {
    return { entry: signed, protocol: signed.fallback, action: undefined, serviceName: signed.id };
  }
  const action = parameterOf(request, 'Action');
  if (signed !== undefined) {
    // A form without an action still gets the answer of the service's Query protocol.
    return {
      entry: signed,
      protocol: action === undefined ? signed.fallback : 'query',
      action,
      serviceName: signed.id,
    };
  }
  if (signingName !== undefined) {
    const protocol = action === undefined ? 'rest-json' : 'query';
    return { entry: undefined, protocol, action, serviceName: signingName };
  }
  const entry = byHost(request.host) ?? byApiVersion.get(parameterOf(request, 'Version') ?? '');
  if (action !== undefined) {
    const named = entry ?? (QUEUE_PATH.test(request.path) ? bySigningName.get('sqs') : undefined);
    return { entry: named, protocol: 'query', action, serviceName: named?.id ?? `of the unsigned action ${action}` };
  }
  const found = entry ?? (bySigningName.get(LAMBDA_PATH.test(request.path) ? 'lambda' : 's3') as CatalogEntry);
  return { entry: found, protocol: found.fallback, action: undefined, serviceName: found.id };
};
