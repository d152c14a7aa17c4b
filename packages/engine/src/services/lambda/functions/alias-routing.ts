import type { AliasRoutingConfiguration } from '@aws-sdk/client-lambda';
import type { Random } from '@holdfast/kernel';
import { Constraints, refuseUnmodelled, ServiceError } from '../../../core/index.ts';
import { functionNotFound, invalidParameter } from '../errors.ts';
import { qualifiedArn } from '../names.ts';
import type { FunctionRecord, VersionRecord, VersionShare } from './function-record.ts';
import { LATEST } from './function-record.ts';
import type { ResolvedFunction } from './function-registry.ts';

const SHARE_RULE =
  'Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member must have value greater than or equal to 0.0, Member must not be null]';
const KEY_RULE =
  'Map keys must satisfy constraint: [Member must have length less than or equal to 1024, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [0-9]+]';

/** As Java prints a map of doubles: `{2=0.5}`. */
const shownMap = (weights: Readonly<Record<string, number>>): string => {
  const entries = Object.entries(weights).map(
    ([version, weight]) => `${version}=${Number.isInteger(weight) ? weight.toFixed(1) : weight}`,
  );
  return `{${entries.join(', ')}}`;
};

/** Reads a routing configuration and judges it by itself; `undefined` when it names no second version. */
export const readRouting = (routing: AliasRoutingConfiguration | undefined): VersionShare | undefined => {
  refuseUnmodelled(routing ?? {}, ['AdditionalVersionWeights'], 'RoutingConfig');
  const weights = routing?.AdditionalVersionWeights ?? {};
  const entries = Object.entries(weights);
  const constraints = new Constraints();
  const path = 'routingConfig.additionalVersionWeights';
  if (entries.some(([version]) => !/^[0-9]{1,1024}$/.test(version))) {
    constraints.fail(path, shownMap(weights), KEY_RULE);
  }
  if (entries.some(([, weight]) => !(weight >= 0 && weight <= 1))) {
    constraints.fail(path, shownMap(weights), SHARE_RULE);
  }
  constraints.check();
  if (entries.length > 1) {
    throw invalidParameter('Number of items in AdditionalVersionWeights cannot be greater than 1');
  }
  const [first] = entries;
  return first === undefined ? undefined : { version: first[0], weight: first[1] };
};

/**
 * Judges two versions behind one alias: both published, with one role and one dead-letter queue.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html
 */
export const checkRouting = (record: FunctionRecord, version: string, additional: VersionShare | undefined): void => {
  if (additional === undefined) return;
  if (version === LATEST) {
    const text = `${LATEST} is not supported for an alias pointing to more than 1 version`;
    throw new ServiceError('InvalidParameterValueException', text, 400);
  }
  if (additional.version === version) {
    throw invalidParameter(
      `Invalid function version ${version}. Function version ${version} is already included in routing configuration.`,
    );
  }
  const find = (wanted: string): VersionRecord => {
    const found = record.versions.find((candidate) => candidate.version === wanted);
    if (found === undefined) throw functionNotFound(qualifiedArn(record.arn, wanted));
    return found;
  };
  const [first, second] = [find(version), find(additional.version)];
  if (first.role !== second.role) {
    throw invalidParameter('Specified versions must be associated with the same execution role');
  }
  if (first.deadLetterTargetArn !== second.deadLetterTargetArn) {
    throw invalidParameter('Specified versions must be associated with the same dead letter queue configuration');
  }
};

/** Whether an alias sends anything to this version. */
export const leadsTo = (
  alias: { readonly version: string; readonly additional?: VersionShare | undefined },
  version: string,
): boolean => alias.version === version || alias.additional?.version === version;

/**
 * The version that one run of a function gets. Only an alias with two versions draws, once per run: a retry of an
 * asynchronous event may run the other one.
 */
export const versionForRun = (
  { record, version, qualifier }: ResolvedFunction,
  random: Random,
): { readonly version: VersionRecord; readonly isDrawn: boolean } => {
  const alias =
    qualifier !== undefined && Object.hasOwn(record.aliases, qualifier) ? record.aliases[qualifier] : undefined;
  const additional = alias?.additional;
  if (additional === undefined) return { version, isDrawn: false };
  if (random.nextUnit() >= additional.weight) return { version, isDrawn: true };
  const other = record.versions.find((candidate) => candidate.version === additional.version);
  return { version: other ?? version, isDrawn: true };
};
