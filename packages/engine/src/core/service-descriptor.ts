import type { TargetKind } from './delivery.ts';
import type { ServiceEnvironment } from './environment.ts';
import type { RoutePlace } from './http-route.ts';
import type { AnyResourceType } from './resources/index.ts';
import type { Lent, Service } from './service.ts';

/**
 * What tells one service from another on the wire before its SDK package is loaded. A test compares it with what the
 * package says of itself.
 */
export interface WireFacts {
  /** Service part of the credential scope. */
  readonly signingName: string;
  /** Further names that clients sign with. */
  readonly signingAliases?: readonly string[];
  /** Prefix of `X-Amz-Target`, and the service's name in RPC v2 paths. */
  readonly target: string;
  /** Protocol of the service's requests that carry no mark of their own. */
  readonly protocol: 'json' | 'query' | 'rest-json' | 'rest-xml';
  readonly apiVersion: string;
  /**
   * Paths by which requests without a signature are known to be the service's, and by which REST services that sign with one name
   * are told apart. `any` takes what nobody else does.
   */
  readonly paths?: RegExp | 'any';
  /** Actions that links in its messages name, whoever follows them: requests with nothing but parameters. */
  readonly linkedActions?: readonly string[];
  /** What else signs with this name and is not played: signed requests that are not of {@link paths} are refused by this name. */
  readonly sharesNameWith?: string;
  /** Namespace in `__type` of modelled errors; AWS's younger JSON services give the bare name. */
  readonly errorNamespace?: string;
  /** Of XML answers, where the SDK package does not say. */
  readonly xmlNamespace?: string;
  /** The service answers 400 whatever status its model states for an error. */
  readonly ignoresModelledStatus?: true;
}

/** By what others reach a service, besides its actions. The engine compares it with what the service has once it is made. */
export interface ServiceOffer {
  readonly targets?: readonly TargetKind[];
  readonly lends?: readonly (keyof Lent)[];
  readonly routes?: readonly RoutePlace[];
}

/** All that the rest of the system has to know of a service: gateway, engine, deployer and documents read it from here. */
export interface ServiceDescriptor {
  /** Key of the service in the engine, e.g. `sqs`. */
  readonly id: string;
  /** The name people know, e.g. `Amazon SQS`. */
  readonly name: string;
  /** Service part of its ARNs, where that is not the id. */
  readonly arnService?: string;
  readonly wire: WireFacts;
  /** The package that its wire shapes come from. Heavy: loaded at the first request, never at start. */
  readonly sdk: () => Promise<object>;
  /** Actions whose input is kept and given back but changes nothing else here: what is said of it at the first of them. */
  readonly storedOnly?: Readonly<Record<string, string>>;
  /** What CloudFormation can make of it. */
  readonly resourceTypes?: readonly AnyResourceType[];
  /** What the engine knows it by before it makes it, which is when somebody first asks for it. */
  readonly offers?: ServiceOffer;
  create(environment: ServiceEnvironment): Service;
}
