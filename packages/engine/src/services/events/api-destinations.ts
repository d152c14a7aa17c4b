import type * as Sdk from '@aws-sdk/client-eventbridge';
import { makeArn } from '@holdfast/aws-model';
import type { EpochMs } from '@holdfast/kernel';
import {
  type Collection,
  Constraints,
  type Operations,
  operation,
  type RequestContext,
  type ServiceEnvironment,
  ServiceError,
} from '../../core/index.ts';
import type { Connections } from './connections.ts';
import { pageOf } from './paging.ts';

/** Requests per second of a destination that names no limit. */
const RATE_DEFAULT = 300;

/** An API destination as stored. */
export interface StoredApiDestination {
  readonly arn: string;
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly description?: string | undefined;
  readonly connectionArn: string;
  /** A `*` is a place for a path parameter of the target. */
  readonly endpoint: string;
  readonly method: string;
  readonly ratePerSecond: number;
  readonly createdAt: EpochMs;
  readonly modifiedAt: EpochMs;
}

/** All API destinations, by ARN. */
export class ApiDestinations {
  readonly #environment: ServiceEnvironment;
  readonly #stored: Collection<StoredApiDestination>;
  readonly #destinations: Map<string, StoredApiDestination>;

  constructor(environment: ServiceEnvironment) {
    this.#environment = environment;
    this.#stored = environment.store.collection('events.api-destinations');
    this.#destinations = new Map(this.#stored.entries());
  }

  find(arn: string): StoredApiDestination | undefined {
    return this.#destinations.get(arn);
  }

  all(account: string, region: string): StoredApiDestination[] {
    return [...this.#destinations.values()].filter((one) => one.account === account && one.region === region);
  }

  newArn(account: string, region: string, name: string): string {
    return makeArn('events', region, account, `api-destination/${name}/${this.#environment.ids.uuid()}`);
  }

  put(destination: StoredApiDestination): void {
    this.#destinations.set(destination.arn, destination);
    this.#stored.put(destination.arn, destination);
  }

  delete({ arn }: StoredApiDestination): void {
    this.#destinations.delete(arn);
    this.#stored.delete(arn);
  }
}

const METHODS = ['HEAD', 'POST', 'PATCH', 'DELETE', 'PUT', 'GET', 'OPTIONS'];

const CONNECTION_ARN =
  /^arn:aws([a-z]|-)*:events:([a-z]|\d|-)*:([0-9]{12})?:connection\/[.\-_A-Za-z0-9]+\/[-A-Za-z0-9]+$/;
const SHOWN_CONNECTION_ARN = String.raw`^arn:aws([a-z]|\-)*:events:([a-z]|\d|\-)*:([0-9]{12})?:connection\/[\.\-_A-Za-z0-9]+\/[\-A-Za-z0-9]+$`;
const ENDPOINT = /^((%[0-9A-Fa-f]{2}|[-()_.!~*';/?:@&=+$,A-Za-z0-9])+)([).!';/?:,])?$/;
const SHOWN_ENDPOINT = String.raw`^((%[0-9A-Fa-f]{2}|[-()_.!~*';/?:@\x26=+$,A-Za-z0-9])+)([).!';/?:,])?$`;

/** Members in which a destination is checked, in the order of AWS's own words. */
interface Settings {
  readonly Description?: string | undefined;
  readonly ConnectionArn?: string | undefined;
  readonly HttpMethod?: string | undefined;
  readonly InvocationEndpoint?: string | undefined;
  readonly InvocationRateLimitPerSecond?: number | undefined;
}

const checked = (constraints: Constraints, settings: Settings): Constraints =>
  constraints
    .length('description', settings.Description, 0, 512)
    .pattern('connectionArn', settings.ConnectionArn, CONNECTION_ARN, SHOWN_CONNECTION_ARN)
    .pattern('invocationEndpoint', settings.InvocationEndpoint, ENDPOINT, SHOWN_ENDPOINT)
    .oneOf('httpMethod', settings.HttpMethod, METHODS)
    .range('invocationRateLimitPerSecond', settings.InvocationRateLimitPerSecond, 1, Number.MAX_SAFE_INTEGER);

const made = ({ arn, connectionArn, createdAt, modifiedAt }: StoredApiDestination, connections: Connections) => ({
  ApiDestinationArn: arn,
  ApiDestinationState:
    connections.find(connectionArn)?.state === 'AUTHORIZED' ? ('ACTIVE' as const) : ('INACTIVE' as const),
  CreationTime: new Date(createdAt),
  LastModifiedTime: new Date(modifiedAt),
});

/** Operations on API destinations. */
export const apiDestinationOperations = (
  destinations: ApiDestinations,
  connections: Connections,
): Operations<typeof Sdk> => {
  const get = (name: string | undefined, { account, region }: RequestContext, verb: string): StoredApiDestination => {
    new Constraints().required('name', name).check();
    const destination = destinations.all(account, region).find((one) => one.name === name);
    if (destination === undefined) {
      const text = `Failed to ${verb} the api-destination(s). An api-destination '${name}' does not exist.`;
      throw new ServiceError('ResourceNotFoundException', text, 400);
    }
    return destination;
  };
  const mustConnect = (arn: string): void => {
    if (connections.find(arn) !== undefined) return;
    throw new ServiceError('ResourceNotFoundException', `Connection '${arn}' does not exist.`, 400);
  };
  const listed = (destination: StoredApiDestination) => ({
    ...made(destination, connections),
    Name: destination.name,
    ConnectionArn: destination.connectionArn,
    InvocationEndpoint: destination.endpoint,
    HttpMethod: destination.method as 'POST',
    InvocationRateLimitPerSecond: destination.ratePerSecond,
  });
  return {
    CreateApiDestination: operation(
      ['Name', 'Description', 'ConnectionArn', 'InvocationEndpoint', 'HttpMethod', 'InvocationRateLimitPerSecond'],
      (input, context) => {
        const constraints = new Constraints()
          .required('name', input.Name)
          .pattern('name', input.Name, /^[.\-_A-Za-z0-9]*$/, '[\\.\\-_A-Za-z0-9]+')
          .length('name', input.Name, 1, 64)
          .required('connectionArn', input.ConnectionArn)
          .required('invocationEndpoint', input.InvocationEndpoint)
          .required('httpMethod', input.HttpMethod);
        checked(constraints, input).check();
        const { account, region, now } = context;
        const name = input.Name as string;
        mustConnect(input.ConnectionArn as string);
        if (destinations.all(account, region).some((one) => one.name === name)) {
          throw new ServiceError('ResourceAlreadyExistsException', `An api-destination '${name}' already exists.`, 400);
        }
        const destination: StoredApiDestination = {
          arn: destinations.newArn(account, region, name),
          name,
          account,
          region,
          description: input.Description,
          connectionArn: input.ConnectionArn as string,
          endpoint: input.InvocationEndpoint as string,
          method: input.HttpMethod as string,
          ratePerSecond: input.InvocationRateLimitPerSecond ?? RATE_DEFAULT,
          createdAt: now,
          modifiedAt: now,
        };
        destinations.put(destination);
        return made(destination, connections);
      },
    ),
    UpdateApiDestination: operation(
      ['Name', 'Description', 'ConnectionArn', 'InvocationEndpoint', 'HttpMethod', 'InvocationRateLimitPerSecond'],
      (input, context) => {
        checked(new Constraints(), input).check();
        const known = get(input.Name, context, 'update');
        if (input.ConnectionArn !== undefined) mustConnect(input.ConnectionArn);
        const destination: StoredApiDestination = {
          ...known,
          description: input.Description ?? known.description,
          connectionArn: input.ConnectionArn ?? known.connectionArn,
          endpoint: input.InvocationEndpoint ?? known.endpoint,
          method: input.HttpMethod ?? known.method,
          ratePerSecond: input.InvocationRateLimitPerSecond ?? known.ratePerSecond,
          modifiedAt: context.now,
        };
        destinations.put(destination);
        return made(destination, connections);
      },
    ),
    DescribeApiDestination: operation(['Name'], (input, context) => {
      const destination = get(input.Name, context, 'describe');
      const { description } = destination;
      return { ...listed(destination), ...(description === undefined ? {} : { Description: description }) };
    }),
    ListApiDestinations: operation(['NamePrefix', 'ConnectionArn', 'NextToken', 'Limit'], (input, context) => {
      const found = destinations
        .all(context.account, context.region)
        .filter(
          ({ name, connectionArn }) =>
            name.startsWith(input.NamePrefix ?? '') &&
            (input.ConnectionArn === undefined || connectionArn === input.ConnectionArn),
        )
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      const { page, ...next } = pageOf(found, ({ name }) => name, input.NextToken, input.Limit);
      return { ApiDestinations: page.map(listed), ...next };
    }),
    DeleteApiDestination: operation(['Name'], (input, context) => {
      destinations.delete(get(input.Name, context, 'delete'));
      return {};
    }),
  };
};
