import type { Json, JsonObject, RequestContext, ServiceEnvironment } from '../../../core/index.ts';
import type { StoredExecution } from '../running/execution.ts';
import type { ServiceResource } from './resource.ts';

/** One run of a task, as an integration sees it. */
export interface TaskCall {
  readonly resource: ServiceResource;
  readonly request: JsonObject;
  readonly execution: StoredExecution;
  readonly environment: ServiceEnvironment;
  readonly context: RequestContext;
  /** Starts an execution of this service; gives its ARN and when it began. */
  startExecution(machineArn: string, input: string, name: string | undefined): StartedExecution;
}

export interface StartedExecution {
  readonly executionArn: string;
  readonly startedAt: number;
}

/** What a service does for a task. Throws what the service throws. */
export interface Integration {
  readonly patterns: readonly ServiceResource['pattern'][];
  run(call: TaskCall): Json | Promise<Json>;
  /** As it will show in the history: what the service does not take is left out. */
  prepare?(request: JsonObject): JsonObject;
  /** What the history calls an error that the call throws. */
  fail(thrown: unknown, call: TaskCall): Error;
}

/** Headers as the older SDK of Java reports them. */
export const sdkMetadata = (
  requestId: string,
  headers: Readonly<Record<string, string>>,
): { readonly SdkHttpMetadata: Json; readonly SdkResponseMetadata: Json } => ({
  SdkHttpMetadata: {
    AllHttpHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    HttpHeaders: { ...headers },
    HttpStatusCode: 200,
  },
  SdkResponseMetadata: { RequestId: requestId },
});
