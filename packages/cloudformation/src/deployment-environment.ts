import type { RequestContext } from '@holdfast/engine';
import type { IdSource } from '@holdfast/kernel';
import type { ResponseInbox } from './response-inbox.ts';
import type { Stack } from './stack-table.ts';
import type { ResourceTypes } from './template/check-template.ts';
import type { Templates } from './template/templates.ts';
import type { Turns } from './turns.ts';

/** What a deployment reaches of the world. */
export interface DeploymentEnvironment {
  readonly types: ResourceTypes;
  readonly templates: Templates;
  readonly ids: IdSource;
  readonly inbox: ResponseInbox;
  readonly turns: Turns;
  readonly endpoint: () => string;
  readonly now: () => number;
  readonly call: (service: string, action: string, input: object, context: RequestContext) => unknown;
  /** Whether there is something by this ARN that others can use. */
  readonly exists: (arn: string) => boolean;
  /** Resolves after `ms` of the engine's time. */
  readonly pause: (ms: number) => Promise<void>;
  readonly lookUpExport: (stack: Stack, exportName: string) => string | undefined;
  /** Another stack that exports a value under this name. */
  readonly exporterOf: (stack: Stack, exportName: string) => string | undefined;
  /** The stack that uses an export of `stack`; `undefined` when nobody does. */
  readonly importerOf: (stack: Stack, exportName: string) => string | undefined;
}
