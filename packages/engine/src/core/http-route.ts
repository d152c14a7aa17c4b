/** An HTTP request that is no action of a service: to a function's URL, to a deployed API, for an archive. */
export interface RouteRequest {
  readonly method: string;
  /** Below the route, as sent: empty, or begins with a slash. The whole path when the host decided. */
  readonly path: string;
  /** First label of the host, when the host decided. */
  readonly hostPrefix?: string | undefined;
  /** As sent, without `?`. */
  readonly query: string;
  /** Names in lower case, values of one name joined with commas. */
  readonly headers: Readonly<Record<string, string>>;
  /** The values of headers that came more than once, cookies apart. */
  readonly repeatedHeaders?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly body: Uint8Array;
  readonly sourceIp: string;
  /** `host:port` that the caller used. */
  readonly host: string;
  /** Access key id of a signed request. */
  readonly accessKeyId: string | undefined;
  readonly account: string;
  /** Of the signature, else the default one. */
  readonly region: string;
}

export interface RouteAnswer {
  readonly status: number;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: string | Uint8Array;
}

/** Where in the gateway's HTTP a route is. */
export interface RoutePlace {
  /** Whole segments below `/_holdfast/`: `lambda-url` answers that path and all below it. */
  readonly path?: string;
  /** Second label of hosts: `lambda-url` answers `<any>.lambda-url.us-east-1.on.aws`. */
  readonly hostLabel?: string;
}

/** A place in the gateway's HTTP that belongs to a service. */
export interface HttpRoute extends RoutePlace {
  /** Made for web pages of any origin, and says itself what they may read. Pages of other sites get to nothing else. */
  readonly isForPages?: true;
  /** Code of somebody answers it, and may wait for the engine's time: where that stands still, who asked is told. */
  readonly runsCode?: true;
  /** `undefined` means that nothing is there. */
  answer(request: RouteRequest): RouteAnswer | undefined | Promise<RouteAnswer | undefined>;
}

/** The route of a request, and what of the request it decides on. */
export interface FoundRoute extends Pick<RouteRequest, 'path' | 'hostPrefix'> {
  readonly route: HttpRoute;
}

/** Paths of this prefix belong to no action of any service. */
export const ROUTES_PREFIX = '/_holdfast/';

/** Finds routes. It is asked for every request, so nearly all of them are let go after a look or two. */
export class HttpRoutes {
  readonly #byHostLabel = new Map<string, HttpRoute>();
  /** By first segment; longest path first. */
  readonly #byPath = new Map<string, HttpRoute[]>();
  /** What adds routes that are not there yet, by first segment with a slash, and by host label. */
  readonly #awaited = new Map<string, () => void>();

  /** A route at this place is added when somebody asks for it. */
  expect({ path, hostLabel }: RoutePlace, add: () => void): void {
    if (hostLabel !== undefined) this.#awaited.set(hostLabel, add);
    if (path !== undefined) this.#awaited.set(`/${path.split('/')[0]}`, add);
  }

  add(route: HttpRoute): void {
    if (route.hostLabel !== undefined) this.#byHostLabel.set(route.hostLabel, route);
    if (route.path === undefined) return;
    const [first = ''] = route.path.split('/');
    const routes = [...(this.#byPath.get(first) ?? []), route];
    this.#byPath.set(
      first,
      routes.sort((a, b) => (b.path?.length ?? 0) - (a.path?.length ?? 0)),
    );
  }

  find(host: string | undefined, path: string): FoundRoute | undefined {
    const dot = host?.indexOf('.') ?? -1;
    if (host !== undefined && dot > 0) {
      const end = host.indexOf('.', dot + 1);
      const label = end < 0 ? '' : host.slice(dot + 1, end).toLowerCase();
      this.#awaited.get(label)?.();
      const route = this.#byHostLabel.get(label);
      // Names of hosts are the same in capitals, RFC 9110 section 4.2.3.
      if (route !== undefined) return { route, path, hostPrefix: host.slice(0, dot).toLowerCase() };
    }
    return path.startsWith(ROUTES_PREFIX) ? this.#below(path.slice(ROUTES_PREFIX.length)) : undefined;
  }

  #below(path: string): FoundRoute | undefined {
    const slash = path.indexOf('/');
    const first = slash < 0 ? path : path.slice(0, slash);
    this.#awaited.get(`/${first}`)?.();
    for (const route of this.#byPath.get(first) ?? []) {
      const { path: prefix = '' } = route;
      if (path === prefix || path.startsWith(`${prefix}/`)) return { route, path: path.slice(prefix.length) };
    }
    return undefined;
  }
}
