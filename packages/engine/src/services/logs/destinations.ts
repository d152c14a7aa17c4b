import type * as Sdk from '@aws-sdk/client-cloudwatch-logs';
import { makeArn, parseArn, rootArn } from '@holdfast/aws-model';
import type { EpochMs } from '@holdfast/kernel';
import {
  type Collection,
  Constraints,
  judgePolicy,
  notSupported,
  type Operations,
  objectIn,
  operation,
  pageByKey,
  type RequestContext,
  type ServiceEnvironment,
  ServiceError,
  type TaggedResource,
  type Tags,
} from '../../core/index.ts';
import { invalidParameter } from './errors.ts';
import { checkName } from './names.ts';
import { type StreamOfLogs, tryStream } from './stream-delivery.ts';

const PAGE_MAX = 50;

interface StoredDestination extends StreamOfLogs {
  readonly name: string;
  readonly roleArn: string;
  readonly accessPolicy?: string | undefined;
  readonly createdAt: EpochMs;
  readonly tags: Tags;
}

const arnOf = ({ account, region, name }: Pick<StoredDestination, 'account' | 'region' | 'name'>): string =>
  makeArn('logs', region, account, `destination:${name}`);

const described = (destination: StoredDestination) => ({
  destinationName: destination.name,
  targetArn: destination.streamArn,
  roleArn: destination.roleArn,
  ...(destination.accessPolicy === undefined ? {} : { accessPolicy: destination.accessPolicy }),
  arn: arnOf(destination),
  creationTime: destination.createdAt,
});

const missing = (): ServiceError =>
  new ServiceError('ResourceNotFoundException', 'The specified destination does not exist.', 400);

/**
 * Names for streams, with a policy that says which other accounts may subscribe their log groups to them.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CrossAccountSubscriptions.html
 */
export class Destinations {
  readonly operations: Operations<typeof Sdk>;
  readonly #stored: Collection<StoredDestination>;
  readonly #byArn: Map<string, StoredDestination>;

  constructor(environment: ServiceEnvironment) {
    this.#stored = environment.store.collection('logs.destinations');
    this.#byArn = new Map(this.#stored.entries());
    this.operations = {
      PutDestination: operation(['destinationName', 'targetArn', 'roleArn', 'tags'], (input, context) => {
        const { destinationName, targetArn, roleArn } = input;
        const constraints = new Constraints()
          .required('destinationName', destinationName)
          .required('targetArn', targetArn)
          .required('roleArn', roleArn);
        checkName('destinationName', destinationName, constraints).check('InvalidParameterException');
        const service = parseArn(targetArn as string)?.service;
        if (service === 'firehose') throw notSupported('destinations that lead to Firehose');
        if (service !== 'kinesis') throw invalidParameter('The specified target is not valid.');
        const { account, region } = context;
        const known = this.find(arnOf({ account, region, name: destinationName as string }));
        const destination: StoredDestination = {
          account,
          region,
          name: destinationName as string,
          streamArn: targetArn as string,
          roleArn: roleArn as string,
          accessPolicy: known?.accessPolicy,
          createdAt: known?.createdAt ?? context.now,
          tags: { ...known?.tags, ...input.tags },
        };
        if (!tryStream(destination, environment).ok) {
          throw invalidParameter(
            'Could not deliver test message to specified destination. Check if the destination is valid.',
          );
        }
        this.#keep(destination);
        return { destination: described(destination) };
      }),
      PutDestinationPolicy: operation(['destinationName', 'accessPolicy', 'forceUpdate'], (input, context) => {
        const { destinationName, accessPolicy } = input;
        const constraints = new Constraints()
          .required('destinationName', destinationName)
          .required('accessPolicy', accessPolicy)
          .length('accessPolicy', accessPolicy, 1, 5_120);
        checkName('destinationName', destinationName, constraints).check('InvalidParameterException');
        if (objectIn(accessPolicy as string)?.['Statement'] === undefined) {
          throw invalidParameter('The specified policy document is not valid.');
        }
        this.#keep({ ...this.#named(destinationName, context), accessPolicy });
        return {};
      }),
      DescribeDestinations: operation(['DestinationNamePrefix', 'nextToken', 'limit'], (input, context) => {
        const constraints = new Constraints().range('limit', input.limit, 1, PAGE_MAX);
        checkName('DestinationNamePrefix', input.DestinationNamePrefix, constraints).check('InvalidParameterException');
        const found = [...this.#byArn.values()].filter(
          ({ account, region, name }) =>
            account === context.account &&
            region === context.region &&
            name.startsWith(input.DestinationNamePrefix ?? ''),
        );
        const { page, next } = pageByKey(found, ({ name }) => name, {
          token: input.nextToken,
          size: input.limit ?? PAGE_MAX,
          invalid: () => invalidParameter('The specified nextToken is invalid.'),
        });
        return { destinations: page.map(described), ...(next === undefined ? {} : { nextToken: next }) };
      }),
      DeleteDestination: operation(['destinationName'], (input, context) => {
        checkName('destinationName', input.destinationName).check('InvalidParameterException');
        const arn = arnOf(this.#named(input.destinationName, context));
        this.#byArn.delete(arn);
        this.#stored.delete(arn);
        return {};
      }),
    };
  }

  find(arn: string): StoredDestination | undefined {
    return this.#byArn.get(arn);
  }

  /** @throws ServiceError unless the account may subscribe to it */
  checkAccess(arn: string, account: string): void {
    const destination = this.find(arn);
    if (destination === undefined) throw missing();
    if (destination.account === account) return;
    const principals = [account, rootArn(account)];
    const question = { principals, action: 'logs:PutSubscriptionFilter', resourceArn: arn, conditions: {} };
    if (judgePolicy(destination.accessPolicy, question) === 'allow') return;
    const text = `User with accountId: ${account} is not authorized to perform: logs:PutSubscriptionFilter on resource: ${arn}`;
    throw new ServiceError('AccessDeniedException', text, 400);
  }

  /** For the calls that tag any resource by its ARN. */
  tagged(arn: string): TaggedResource | undefined {
    const destination = this.find(arn);
    return destination === undefined
      ? undefined
      : { tags: destination.tags, save: (tags) => this.#keep({ ...destination, tags }) };
  }

  #named(name: string | undefined, { account, region }: RequestContext): StoredDestination {
    const destination = this.find(arnOf({ account, region, name: name ?? '' }));
    if (destination === undefined) throw missing();
    return destination;
  }

  #keep(destination: StoredDestination): void {
    this.#byArn.set(arnOf(destination), destination);
    this.#stored.put(arnOf(destination), destination);
  }
}
