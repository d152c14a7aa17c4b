import type { Stack, StackEvent } from '@aws-sdk/client-cloudformation';
import { loadYamlFor } from '@holdfast/cloudformation';
import { sameJson } from '@holdfast/engine';
import { HoldfastError } from '@holdfast/kernel';
import { type BackoffPolicy, backoffCeilingMs } from '@holdfast/retry';
import { awaitedResources } from './awaited-resources.ts';
import type { DeployTarget } from './deploy-target.ts';

/** What a stack is to be made from. */
export interface StackRequest {
  readonly stackName: string;
  readonly templateBody: string;
  /** Where the template lies when it is too large for a request. */
  readonly templateUrl?: string | undefined;
  /** Parameters that are left out take the template's defaults, not what they were before. */
  readonly parameters?: Readonly<Record<string, string>> | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly hasTerminationProtection?: boolean | undefined;
}

/** A stack as a deployment left it. */
export interface DeployedStack {
  readonly stackName: string;
  /** ARN of the stack. */
  readonly stackId: string;
  readonly result: 'created' | 'updated' | 'unchanged';
  /** Values of the template's `Outputs`. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** What every deployment may be told. */
export interface DeployOptions {
  /** Pause of so many milliseconds between looks at a stack that is being worked on. @defaultValue the time of the engine */
  readonly sleep?: (ms: number) => Promise<void>;
}

/** A stack could not be brought to what was asked; `failures` says why, in the words of its events. */
export class StackDeploymentError extends HoldfastError {
  override readonly name = 'StackDeploymentError';
  readonly code = 'STACK_DEPLOYMENT_FAILED';
  readonly stackName: string;
  readonly status: string;
  readonly failures: readonly string[];

  constructor(stackName: string, status: string, failures: readonly string[]) {
    super([`stack ${stackName} ended in ${status}`, ...failures].join('\n  '));
    this.stackName = stackName;
    this.status = status;
    this.failures = failures;
  }
}

/** Ends of a first deployment that leave nothing to update: the stack is deleted and made again. */
const UNUSABLE = ['ROLLBACK_COMPLETE', 'ROLLBACK_FAILED', 'CREATE_FAILED', 'DELETE_FAILED', 'REVIEW_IN_PROGRESS'];
const SUCCESSES = ['CREATE_COMPLETE', 'UPDATE_COMPLETE'];
const CAPABILITIES = ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM', 'CAPABILITY_AUTO_EXPAND'];

/** Between looks at a stack that is being worked on. */
const LOOK_BACKOFF: BackoffPolicy = { baseDelayMs: 1, multiplier: 2, maxDelayMs: 250, jitter: 'none' };

/** Longest wait for one stack. Some resources take engine time, which stands still in virtual mode. */
export const STACK_WAIT_MAX_MS = 5 * 60_000;

const sleepForReal = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const describe = async (target: DeployTarget, stackName: string): Promise<Stack | undefined> => {
  try {
    const answer = await target.call<{ Stacks?: Stack[] }>('cloudformation', 'DescribeStacks', {
      StackName: stackName,
    });
    return answer.Stacks?.[0];
  } catch (error) {
    if (error instanceof Error && error.message.includes('does not exist')) return undefined;
    throw error;
  }
};

/** Waits until nothing is under way; `undefined` when there is no such stack any more. */
const settled = async (
  target: DeployTarget,
  nameOrId: string,
  { sleep }: DeployOptions,
): Promise<Stack | undefined> => {
  const pause = sleep ?? sleepForReal;
  let waitedMs = 0;
  for (let look = 1; ; look += 1) {
    const stack = await describe(target, nameOrId);
    const status = stack?.StackStatus ?? '';
    if (!status.endsWith('_IN_PROGRESS') || status === 'REVIEW_IN_PROGRESS') return stack;
    if (waitedMs >= STACK_WAIT_MAX_MS) {
      // Who brings a way to pause brings time on by it.
      const hint = sleep === undefined ? '; in virtual mode advance the clock' : '';
      throw new StackDeploymentError(nameOrId, status, [
        `it was still under way after ${STACK_WAIT_MAX_MS / 60_000} minutes${hint}`,
        ...(await awaitedResources(target, stack?.StackId ?? nameOrId)),
      ]);
    }
    const pauseMs = backoffCeilingMs(LOOK_BACKOFF, look);
    await pause(pauseMs);
    waitedMs += pauseMs;
  }
};

/** The first event of what was last done to a stack; those before it are of other times. */
const isBeginning = (event: StackEvent): boolean =>
  event.PhysicalResourceId === event.StackId &&
  /^(?:CREATE|UPDATE|DELETE)_IN_PROGRESS$/.test(event.ResourceStatus ?? '');

/** Why what was last done to a stack failed, the first reason first; rolling back may have written pages since. */
const failuresOf = async (target: DeployTarget, stackId: string): Promise<readonly string[]> => {
  const failed: StackEvent[] = [];
  let token: object = {};
  for (;;) {
    const input = { StackName: stackId, ...token };
    const { StackEvents = [], NextToken } = await target.call<{ StackEvents?: StackEvent[]; NextToken?: string }>(
      'cloudformation',
      'DescribeStackEvents',
      input,
    );
    const beginning = StackEvents.findIndex(isBeginning);
    const own = beginning < 0 ? StackEvents : StackEvents.slice(0, beginning);
    failed.push(...own.filter(({ ResourceStatus }) => ResourceStatus?.endsWith('_FAILED')));
    if (beginning >= 0 || NextToken === undefined) break;
    token = { NextToken };
  }
  return failed
    .reverse()
    .map(
      (event) =>
        `${event.LogicalResourceId} (${event.ResourceType}): ${event.ResourceStatusReason ?? event.ResourceStatus}`,
    );
};

const isAsWanted = async (target: DeployTarget, stack: Stack, request: StackRequest): Promise<boolean> => {
  if (!SUCCESSES.includes(stack.StackStatus ?? '')) return false;
  const { TemplateBody } = await target.call<{ TemplateBody?: string }>('cloudformation', 'GetTemplate', {
    StackName: stack.StackId,
  });
  if (TemplateBody !== request.templateBody) return false;
  const tags = Object.fromEntries((stack.Tags ?? []).map(({ Key, Value }) => [Key, Value]));
  if (!sameJson(tags, request.tags ?? {})) return false;
  const defaults = parameterDefaults(request.templateBody);
  return (stack.Parameters ?? []).every(
    ({ ParameterKey = '', ParameterValue }) =>
      ParameterValue === (request.parameters?.[ParameterKey] ?? defaults[ParameterKey]),
  );
};

/** Defaults of a JSON template's parameters. Others give none, and are then left to UpdateStack to compare. */
const parameterDefaults = (templateBody: string): Readonly<Record<string, string>> => {
  try {
    const { Parameters = {} } = JSON.parse(templateBody) as { Parameters?: Record<string, { Default?: unknown }> };
    return Object.fromEntries(
      Object.entries(Parameters)
        .filter(([, { Default }]) => Default !== undefined)
        .map(([name, { Default }]) => [name, String(Default)]),
    );
  } catch {
    return {};
  }
};

const outputsOf = ({ Outputs = [] }: Stack): Readonly<Record<string, string>> =>
  Object.fromEntries(Outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]));

/**
 * Creates or updates one stack and waits for the end. A stack that already is as wanted is left alone after two
 * questions; one whose creation failed is deleted and made anew.
 *
 * @throws {@link StackDeploymentError} when it ends in anything but success
 */
export const deployStack = async (
  target: DeployTarget,
  request: StackRequest,
  options: DeployOptions = {},
): Promise<DeployedStack> => {
  const { stackName, templateBody, templateUrl, parameters = {}, tags = {} } = request;
  const input = {
    StackName: stackName,
    ...(templateUrl === undefined ? { TemplateBody: templateBody } : { TemplateURL: templateUrl }),
    Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue })),
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    Capabilities: CAPABILITIES,
  };
  await loadYamlFor(templateBody);
  let existing = await settled(target, stackName, options);
  if (existing !== undefined && UNUSABLE.includes(existing.StackStatus ?? '')) {
    const { StackId } = existing;
    await target.call('cloudformation', 'DeleteStack', { StackName: StackId });
    const gone = await settled(target, StackId as string, options);
    if (gone !== undefined && gone.StackStatus !== 'DELETE_COMPLETE') {
      throw new StackDeploymentError(stackName, gone.StackStatus ?? '', await failuresOf(target, StackId as string));
    }
    existing = undefined;
  }
  if (existing !== undefined && (await isAsWanted(target, existing, request))) {
    return { stackName, stackId: existing.StackId as string, result: 'unchanged', outputs: outputsOf(existing) };
  }
  const isNew = existing === undefined;
  try {
    const EnableTerminationProtection = request.hasTerminationProtection;
    await target.call(
      'cloudformation',
      isNew ? 'CreateStack' : 'UpdateStack',
      isNew && EnableTerminationProtection === true ? { ...input, EnableTerminationProtection } : input,
    );
  } catch (error) {
    if (
      existing === undefined ||
      !(error instanceof Error) ||
      !error.message.includes('No updates are to be performed')
    ) {
      throw error;
    }
    return { stackName, stackId: existing.StackId as string, result: 'unchanged', outputs: outputsOf(existing) };
  }
  const stack = (await settled(target, stackName, options)) as Stack;
  const status = stack.StackStatus ?? '';
  if (!SUCCESSES.includes(status)) {
    throw new StackDeploymentError(stackName, status, await failuresOf(target, stack.StackId as string));
  }
  return {
    stackName,
    stackId: stack.StackId as string,
    result: isNew ? 'created' : 'updated',
    outputs: outputsOf(stack),
  };
};
