import type { IncomingHttpHeaders } from 'node:http';
import { isIPv4, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

/** Who may call besides this machine. */
export interface GuardOptions {
  /** Origins of pages, e.g. `https://app.example.com`; `*` for all, `null` for files and sandboxed frames. */
  readonly allowedOrigins?: readonly string[];
  /** Names under which clients reach this machine, without port; `*.example.com` for all below. */
  readonly allowedHosts?: readonly string[];
  /** IP addresses of this machine; its network interfaces unless given. */
  readonly ownAddresses?: () => readonly string[];
}

/** What of a request tells who sends it. */
export interface GuardedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  readonly host: string | undefined;
}

/** A page from elsewhere asks; what it asks may still be open to it (CORS rules of a bucket). */
export interface ForeignPage {
  /** `undefined` when the browser keeps it to itself. */
  readonly origin: string | undefined;
  /** One sentence. */
  readonly refusal: string;
}

const LOOPBACK_NAME = /^(?:localhost|ip6-localhost|ip6-loopback|(?:[a-z0-9_-]+\.)+localhost)$/i;
const LOOPBACK_IP = /^(?:127(?:\.\d{1,3}){3}|::1|0\.0\.0\.0|::)$/;
/** Names that only Amazon can give an address to: no page can point them at this machine. */
const AWS_NAME = /^(?:[a-z0-9_-]+\.)+(?:amazonaws\.com(?:\.cn)?|on\.aws|api\.aws)$/i;
const READ_ONLY: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Some programs put a whole address where a name belongs. No browser does. */
const SCHEME = /^https?:\/\//i;

/** The name or address in `name:port`, `[::1]:port`, `https://name`. */
const nameOf = (given: string): string => {
  const authority = given.replace(SCHEME, '');
  const name = /^\[([^\]]*)\](?::\d+)?$/.exec(authority)?.[1] ?? authority.replace(/:\d*$/, '');
  return name.replace(/\.$/, '').toLowerCase();
};

/** Name of the host of an origin; `undefined` for `null` and what is none. */
const hostOfOrigin = (origin: string): string | undefined => /^https?:\/\/([^/?#@\\\s]+)$/i.exec(origin)?.[1];

const isLoopback = (name: string): boolean => LOOPBACK_IP.test(name) || LOOPBACK_NAME.test(name);

/** Whether a host or origin is on the list: itself, `*`, or below a `*.`. */
const isListed = (name: string, list: readonly string[]): boolean =>
  list.some((entry) => {
    const star = entry.indexOf('*.');
    if (entry === '*' || entry === name) return true;
    return star >= 0 && name.startsWith(entry.slice(0, star)) && name.endsWith(entry.slice(star + 1));
  });

const machineAddresses = (): string[] =>
  Object.values(networkInterfaces()).flatMap((addresses = []) => addresses.map(({ address }) => address.toLowerCase()));

const HOSTS_REMEMBERED_MAX = 1_000;

/**
 * Keeps web pages out. Any page that a developer has open can send requests to a port of this machine, and with a name of
 * its own that resolves to it (DNS rebinding) even read the answers. What browsers say about themselves (`Origin`,
 * `Sec-Fetch-Site`, `Referer`, `Host`) no page can forge; clients that are no browsers say none of it.
 *
 * @see https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site
 */
export class RequestGuard {
  readonly #origins: readonly string[];
  readonly #hosts: readonly string[];
  readonly #ownAddresses: () => readonly string[];
  /** Hosts that passed: clients send the same one with every request. */
  readonly #knownHosts = new Set<string>();

  constructor({ allowedOrigins = [], allowedHosts = [], ownAddresses = machineAddresses }: GuardOptions = {}) {
    this.#origins = allowedOrigins.map((origin) => origin.replace(/\/$/, '').toLowerCase());
    this.#hosts = allowedHosts.map((host) => (host === '*' ? host : nameOf(host)));
    this.#ownAddresses = ownAddresses;
  }

  /** The sentence that refuses a request whoever sends it, or `undefined`. */
  refusalOfHost(host: string | undefined): string | undefined {
    if (host === undefined || this.#knownHosts.has(host)) return undefined;
    if (!this.#isOwnHost(host)) {
      return `Refused: "${host}" is no name of this machine; start the engine with --allow-host ${nameOf(host)} if it is one.`;
    }
    if (this.#knownHosts.size >= HOSTS_REMEMBERED_MAX) this.#knownHosts.clear();
    this.#knownHosts.add(host);
    return undefined;
  }

  /** The page that sends a request, when it is neither of this machine nor let in by `--allow-origin`. */
  foreignPageOf({ method, query, headers, host }: GuardedRequest): ForeignPage | undefined {
    const { origin, referer } = headers;
    const site = headers['sec-fetch-site'];
    if (origin === undefined && referer === undefined && site === undefined) {
      // Browsers from before 2023 may say nothing of an image or a form, but their name.
      const isSilentBrowser = headers['user-agent']?.startsWith('Mozilla/') === true;
      const acts = !READ_ONLY.has(method) || /(?:^|&)Action=/.test(query);
      return isSilentBrowser && acts && headers.authorization === undefined ? unnamedPage : undefined;
    }
    const page = origin ?? originOfUrl(referer);
    if (page === undefined) {
      // `none`: typed by the user. `same-origin`: a page of this engine, as the host is known to be its own.
      const isHarmless =
        site === undefined ||
        site === 'none' ||
        site === 'same-origin' ||
        (site === 'same-site' && host !== undefined && isLoopback(nameOf(host)));
      return isHarmless ? undefined : unnamedPage;
    }
    return this.isOwnOrigin(page, host) ? undefined : foreignPage(page);
  }

  /** Whether a page at this origin may call and read the answers. */
  isOwnOrigin(origin: string, host: string | undefined): boolean {
    if (isListed(origin.toLowerCase(), this.#origins)) return true;
    const authority = hostOfOrigin(origin);
    if (authority === undefined) return false;
    const name = nameOf(authority);
    if (isLoopback(name)) return true;
    // A page that the engine itself served, under a name or an address of its own.
    return authority === host && !AWS_NAME.test(name) && this.#isOwnHost(authority);
  }

  #isOwnHost(host: string): boolean {
    const name = nameOf(host);
    if (name === '' || isLoopback(name) || AWS_NAME.test(name) || isListed(name, this.#hosts)) return true;
    return (isIPv4(name) || isIPv6(name)) && this.#ownAddresses().includes(name);
  }
}

const foreignPage = (origin: string): ForeignPage => ({
  origin,
  refusal: `Refused: the page at ${origin} is not of this machine; start the engine with --allow-origin ${origin} to let it in.`,
});

const unnamedPage: ForeignPage = {
  origin: undefined,
  refusal: 'Refused: a browser sends this for a page of another site, and does not say which.',
};

const originOfUrl = (url: string | undefined): string | undefined => {
  if (url === undefined) return undefined;
  // What is no URL is still not a page of this machine.
  return /^https?:\/\/[^/?#]+/i.exec(url)?.[0] ?? url;
};

/** What changes the engine itself has to be JSON: a page cannot send that without asking first. */
export const refusalOfControl = ({ method, path, headers }: GuardedRequest): string | undefined =>
  READ_ONLY.has(method) || isJson(headers['content-type'])
    ? undefined
    : `Refused: ${method} ${path} takes only Content-Type: application/json, which no page can send unasked.`;

const isJson = (contentType: string | undefined): boolean =>
  contentType?.split(';', 1)[0]?.trim().toLowerCase() === 'application/json';
