import type { ServiceDescriptor } from '@holdfast/engine';
import { knownName } from './known-services.ts';
import { headerOf, type WireRequest } from './wire.ts';

export type Protocol = 'json' | 'query' | 'cbor' | 'amz-cbor' | 'rest-json' | 'rest-xml';

/** Where a request is going. `service` is undefined when it names one that nobody plays here. */
export interface Destination {
  readonly service: ServiceDescriptor | undefined;
  readonly protocol: Protocol;
  /** Operation, as far as the envelope names it. */
  readonly action: string | undefined;
  /** What people call the service, or what the request called it. */
  readonly serviceName: string;
}

const CBOR_PATH = /\/service\/([^/]+)\/operation\/([^/]+)$/;
const TARGETS_MAX = 5_000;

const isForm = (request: WireRequest): boolean =>
  request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;

const parameterOf = (request: WireRequest, name: string): string | undefined => {
  const pattern = new RegExp(`(?:^|&)${name}=([^&]*)`);
  const inQuery = pattern.exec(request.query)?.[1];
  if (inQuery !== undefined) return inQuery;
  return isForm(request) ? pattern.exec(request.body.toString('latin1'))?.[1] : undefined;
};

const hasPath = ({ wire }: ServiceDescriptor, path: string): boolean =>
  wire.paths instanceof RegExp && wire.paths.test(path);

const to = (service: ServiceDescriptor, protocol: Protocol = service.wire.protocol, action?: string): Destination => ({
  service,
  protocol,
  action,
  serviceName: service.name,
});

/** The services that are played, found by what requests say of themselves. */
export class ServiceCatalog {
  readonly #byTarget: ReadonlyMap<string, ServiceDescriptor>;
  readonly #bySigningName = new Map<string, ServiceDescriptor[]>();
  readonly #byApiVersion: ReadonlyMap<string, ServiceDescriptor>;
  readonly #withPaths: readonly ServiceDescriptor[];
  readonly #byLinkedAction: ReadonlyMap<string, ServiceDescriptor>;
  readonly #takesAnyPath: ServiceDescriptor | undefined;
  readonly #byTargetHeader = new Map<string, Destination>();

  constructor(services: readonly ServiceDescriptor[]) {
    this.#byTarget = new Map(services.map((service) => [service.wire.target, service]));
    for (const service of services) {
      for (const name of [service.wire.signingName, ...(service.wire.signingAliases ?? [])]) {
        this.#bySigningName.set(name, [...(this.#bySigningName.get(name) ?? []), service]);
      }
    }
    const inQuery = services.filter(({ wire }) => wire.protocol === 'query');
    this.#byApiVersion = new Map(inQuery.map((service) => [service.wire.apiVersion, service]));
    this.#byLinkedAction = new Map(
      services.flatMap((service) => (service.wire.linkedActions ?? []).map((action) => [action, service] as const)),
    );
    this.#withPaths = services.filter(({ wire }) => wire.paths instanceof RegExp);
    this.#takesAnyPath = services.find(({ wire }) => wire.paths === 'any');
  }

  /**
   * Finds service, protocol and (for RPC protocols) operation of a request: marks of the protocol first, then the name
   * in the signature, then host, `Version` and path. A request without any of these is S3's, as its paths are free.
   */
  destinationOf(request: WireRequest, signingName: string | undefined): Destination {
    const target = headerOf(request, 'x-amz-target');
    if (target !== undefined) {
      const destination = this.#ofTarget(target);
      const isCbor = request.headers['content-type']?.startsWith('application/x-amz-cbor-1.') === true;
      return isCbor ? { ...destination, protocol: 'amz-cbor' } : destination;
    }
    if (request.headers['smithy-protocol'] === 'rpc-v2-cbor') {
      const [, name = '', action] = CBOR_PATH.exec(request.path) ?? [];
      const service = this.#byTarget.get(name);
      return { service, protocol: 'cbor', action, serviceName: service?.name ?? knownName(name) };
    }
    const signed = signingName === undefined ? undefined : this.#ofSigningName(signingName, request.path);
    if (signed?.wire.sharesNameWith !== undefined && !hasPath(signed, request.path)) {
      const { protocol, sharesNameWith: serviceName } = signed.wire;
      return { service: undefined, protocol, action: undefined, serviceName };
    }
    if (signed?.wire.protocol.startsWith('rest')) return to(signed);
    const action = parameterOf(request, 'Action');
    // A form without an action still gets the answer of the service's Query protocol.
    if (signed !== undefined) return to(signed, action === undefined ? signed.wire.protocol : 'query', action);
    if (signingName !== undefined) {
      const protocol = action === undefined ? 'rest-json' : 'query';
      return { service: undefined, protocol, action, serviceName: knownName(signingName) };
    }
    return this.#unsigned(request, action);
  }

  /** `AmazonSQS.SendMessage`. Each is taken apart once: this is on the way of every message. */
  #ofTarget(target: string): Destination {
    const known = this.#byTargetHeader.get(target);
    if (known !== undefined) return known;
    const dot = target.lastIndexOf('.');
    const name = dot < 0 ? target : target.slice(0, dot);
    const service = this.#byTarget.get(name);
    const destination: Destination = {
      service,
      protocol: 'json',
      action: target.slice(dot + 1),
      serviceName: service?.name ?? knownName(name),
    };
    if (this.#byTargetHeader.size >= TARGETS_MAX) this.#byTargetHeader.clear();
    this.#byTargetHeader.set(target, destination);
    return destination;
  }

  #ofSigningName(name: string, path: string): ServiceDescriptor | undefined {
    const services = this.#bySigningName.get(name);
    if (services === undefined || services.length === 1) return services?.[0];
    return services.find((service) => hasPath(service, path)) ?? services[0];
  }

  #unsigned(request: WireRequest, action: string | undefined): Destination {
    const named =
      this.#ofHost(request) ??
      this.#byApiVersion.get(parameterOf(request, 'Version') ?? '') ??
      this.#byLinkedAction.get(action ?? '');
    const isOfPath = (service: ServiceDescriptor): boolean =>
      (service.wire.protocol === 'query') === (action !== undefined) && hasPath(service, request.path);
    const found = named ?? this.#withPaths.find(isOfPath) ?? (action === undefined ? this.#takesAnyPath : undefined);
    if (found !== undefined) return to(found, action === undefined ? found.wire.protocol : 'query', action);
    const serviceName =
      action === undefined ? `a service at ${request.path}` : `the service of the unsigned action ${action}`;
    return { service: undefined, protocol: action === undefined ? 'rest-xml' : 'query', action, serviceName };
  }

  /** First label of the host, where clients put the service: `sqs.us-east-1.localhost`. */
  #ofHost({ host, path }: WireRequest): ServiceDescriptor | undefined {
    const dot = host?.indexOf('.') ?? -1;
    return host === undefined || dot < 0 ? undefined : this.#ofSigningName(host.slice(0, dot).toLowerCase(), path);
  }
}
