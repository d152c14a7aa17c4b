import type { FoundRoute, RequestContext, ServiceDescriptor, ServiceError } from '@holdfast/engine';
import type { Clock, IdSource } from '@holdfast/kernel';
import type { WaitingCalls } from '../standing-clock/index.ts';
import type { SigningClocks } from './protocol/presigned.ts';
import type { GuardOptions } from './request-guard.ts';
import type { RequestObserver } from './request-observer.ts';

/** Largest body taken unless the options say otherwise. */
export const BODY_LIMIT_BYTES = 1024 ** 3;

/** Documents that are parsed as a whole, as the RPC protocols have them: Lambda's largest archive in Base64, and more. */
export const RPC_BODY_LIMIT_BYTES = 128 * 2 ** 20;

/** How long a client may take to send things. */
export interface ReceiveTimeouts {
  /** From the first byte of a request to the end of its headers; also from the connection to its first byte. */
  readonly headersMs: number;
  /** From the first byte of a request to its last. */
  readonly requestMs: number;
}

/** What the gateway needs from whoever assembles the engine. */
export interface GatewayOptions {
  readonly clock: Clock;
  readonly ids: IdSource;
  /** Account of callers whose access key id says nothing. */
  readonly defaultAccount: string;
  readonly defaultRegion: string;
  readonly services: readonly ServiceDescriptor[];
  /** Performs an action; throws `ServiceError`. A promise means that the caller is parked. */
  readonly call: (serviceId: string, action: string, input: object, context: RequestContext) => unknown;
  /** Why an action cannot be taken now, whatever its input: there is no room to keep what it would change. */
  readonly refusal?: (action: string, bodyBytes: number) => ServiceError | undefined;
  /** Resolves once everything that the answer of an action rests on is durable; `undefined` when it is already. */
  readonly durable: (action?: string) => Promise<void> | undefined;
  /** Credentials given out by the engine itself (execution environments). */
  readonly identify?: (accessKeyId: string) => { readonly account: string; readonly arn: string } | undefined;
  /** Resolves once there is somebody to call, while one state of the world makes way for the next; `undefined` when there is. */
  readonly ready?: () => Promise<void> | undefined;
  /** The clocks of those who sign URLs; the engine's unless given. */
  readonly signing?: SigningClocks;
  /** Answers `/_holdfast/...`; `undefined` means 404. */
  readonly control?: (request: ControlRequest) => Promise<ControlResponse | undefined>;
  /** Finds what answers HTTP that is no action of a service: URLs of functions, archives, mail. */
  readonly routeOf?: (host: string | undefined, path: string) => FoundRoute | undefined;
  /** Told about each request, so that virtual time knows who is busy and who only waits. */
  readonly observe?: (context: RequestContext) => RequestObserver | undefined;
  /** Told about requests that wait, so that nobody waits for a time that does not come. */
  readonly waits?: WaitingCalls;
  /** Which pages and names may reach the port, besides those of this machine. */
  readonly guard?: GuardOptions;
  /** How long clients may take to send a request; 30 s and 5 minutes unless given. */
  readonly timeouts?: ReceiveTimeouts;
  /** Bodies are held in memory; 1 GiB ({@link BODY_LIMIT_BYTES}) unless given. */
  readonly bodyLimitBytes?: number;
}

export interface ControlRequest {
  readonly method: string;
  /** Without query string, e.g. `/_holdfast/clock`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Uint8Array;
  /** `Accept-Encoding` as the client sent it. */
  readonly acceptEncoding: string | undefined;
}

export interface ControlResponse {
  readonly status: number;
  readonly contentType: string;
  /** Names and values of others, in turn. */
  readonly headers?: readonly string[];
  readonly body: string | Uint8Array;
}
