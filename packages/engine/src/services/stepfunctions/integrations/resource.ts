import type { StateNode } from '../definition/program.ts';

/** What the `Resource` of a task names. */
export type TaskResource =
  | { readonly kind: 'function'; readonly arn: string }
  | { readonly kind: 'activity'; readonly arn: string }
  | ServiceResource;

export interface ServiceResource {
  readonly kind: 'service';
  /** As histories show it: `lambda`, `aws-sdk:dynamodb`. */
  readonly resourceType: string;
  /** With its pattern: `startExecution.sync:2`. */
  readonly resource: string;
  /** Without it. */
  readonly action: string;
  readonly pattern: '' | 'sync' | 'sync:2' | 'waitForTaskToken';
}

const FUNCTION = /^arn:[a-z-]+:lambda:[^:]*:[^:]*:function:[^:]+(?::[^:]+)?$/;
const ACTIVITY = /^arn:[a-z-]+:states:[a-z0-9-]*:\d{12}:activity:.+$/;
const SERVICE =
  /^arn:[a-z-]+:states:[a-z0-9-]*:\d{0,12}:((?:aws-sdk:)?[a-zA-Z0-9-]+):([a-zA-Z0-9]+)((?:\.(?:sync(?::\d+)?|waitForTaskToken))?)$/;

/** `undefined` for what is no resource of a task, a topic's ARN for one. */
export const parseResource = (text: string): TaskResource | undefined => {
  if (FUNCTION.test(text)) return { kind: 'function', arn: text };
  if (ACTIVITY.test(text)) return { kind: 'activity', arn: text };
  const [, resourceType, action, suffix] = SERVICE.exec(text) ?? [];
  if (resourceType === undefined || action === undefined || suffix === undefined) return undefined;
  const pattern = suffix.slice(1) as ServiceResource['pattern'];
  return { kind: 'service', resourceType, resource: `${action}${suffix}`, action, pattern };
};

/** What the task of a valid definition names. */
export const resourceOf = (node: StateNode): TaskResource =>
  parseResource(node.fields.Resource as string) as TaskResource;

/** As events of a history say it. */
export const namesOf = ({ resourceType, resource }: ServiceResource) => ({ resourceType, resource });
