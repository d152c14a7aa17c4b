import { isObject, type Json, type JsonObject, notSupported } from '@holdfast/engine';
import { validationError } from '../errors.ts';
import { isCustom } from '../resources/custom-resource.ts';

export type DeletionPolicy = 'Delete' | 'Retain' | 'RetainExceptOnCreate';

/** One entry of `Resources`, intrinsics unresolved. */
export interface TemplateResource {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: JsonObject;
  readonly condition: string | undefined;
  readonly dependsOn: readonly string[];
  /** A word, or an intrinsic that gives one. */
  readonly deletionPolicy: DeletionPolicy | JsonObject;
  readonly updateReplacePolicy: DeletionPolicy | JsonObject;
}

/** One entry of `Outputs`, intrinsics unresolved. */
export interface TemplateOutput {
  readonly value: Json;
  readonly description: string | undefined;
  readonly exportName: Json | undefined;
  readonly condition: string | undefined;
}

export interface Template {
  readonly description: string | undefined;
  readonly metadata: Json | undefined;
  readonly parameters: Readonly<Record<string, JsonObject>>;
  readonly mappings: JsonObject;
  readonly conditions: JsonObject;
  readonly resources: ReadonlyMap<string, TemplateResource>;
  readonly outputs: Readonly<Record<string, TemplateOutput>>;
}

const SECTIONS = [
  'AWSTemplateFormatVersion',
  'Description',
  'Metadata',
  'Parameters',
  'Mappings',
  'Conditions',
  'Resources',
  'Outputs',
  'Rules',
];

/** CDK's guard against old bootstrap stacks: accepted by name, its assertion is always true here. */
const ACCEPTED_RULES = ['CheckBootstrapVersion'];

const RESOURCE_MEMBERS = [
  'Type',
  'Properties',
  'DependsOn',
  'Condition',
  'Description',
  'Metadata',
  'DeletionPolicy',
  'UpdateReplacePolicy',
];

const section = (body: JsonObject, name: string): JsonObject => {
  const value = body[name] ?? {};
  if (!isObject(value)) {
    throw validationError(
      name === 'Resources'
        ? 'Template format error: Any Resources member must be an object.'
        : `Template format error: ${name} section must be an object.`,
    );
  }
  return value;
};

export const policyOf = (logicalId: string, name: string, value: Json | undefined): DeletionPolicy => {
  if (value === undefined || value === null) return 'Delete';
  if (value === 'Delete' || value === 'Retain' || value === 'RetainExceptOnCreate') return value;
  if (value === 'Snapshot') throw notSupported(`${name} Snapshot (resource ${logicalId})`);
  throw validationError(`Template format error: Unrecognized ${name} ${String(value)} for resource ${logicalId}`);
};

const statedPolicy = (logicalId: string, name: string, value: Json | undefined): DeletionPolicy | JsonObject =>
  isObject(value) ? value : policyOf(logicalId, name, value);

const resourceOf = (logicalId: string, value: Json): TemplateResource => {
  checkAlphanumeric('Resource', [logicalId]);
  if (!isObject(value)) throw validationError('Template format error: Any Resources member must be an object.');
  const type = value['Type'];
  if (typeof type !== 'string') {
    throw validationError(
      `Template format error: [/Resources/${logicalId}] Every Resources object must contain a Type member.`,
    );
  }
  for (const member of Object.keys(value)) {
    if (RESOURCE_MEMBERS.includes(member) || (member === 'Version' && isCustom(type))) continue;
    if (member === 'CreationPolicy' || member === 'UpdatePolicy') {
      throw notSupported(`${member} (resource ${logicalId})`);
    }
    throw validationError(`Invalid template resource property '${member}'`);
  }
  const dependsOn = value['DependsOn'] ?? [];
  return {
    logicalId,
    type,
    properties: section(value, 'Properties'),
    condition: value['Condition'] as string | undefined,
    dependsOn: (typeof dependsOn === 'string' ? [dependsOn] : dependsOn) as readonly string[],
    deletionPolicy: statedPolicy(logicalId, 'DeletionPolicy', value['DeletionPolicy']),
    updateReplacePolicy: statedPolicy(logicalId, 'UpdateReplacePolicy', value['UpdateReplacePolicy']),
  };
};

const outputOf = (name: string, value: Json): TemplateOutput => {
  if (!isObject(value)) {
    throw validationError(
      `Template format error: Output ${name} is malformed. Every Outputs member must contain a Value object`,
    );
  }
  if (value['Value'] === undefined) {
    throw validationError('Template format error: Every Outputs member must contain a Value object');
  }
  const declared = value['Export'];
  return {
    value: value['Value'],
    description: value['Description'] as string | undefined,
    exportName: isObject(declared) ? declared['Name'] : undefined,
    condition: value['Condition'] as string | undefined,
  };
};

const isNull = (value: Json | undefined): boolean => value === null || value === undefined;

/** Nothing in a template may be `null`. */
const refuseNulls = (value: Json, path: string): void => {
  if (isNull(value)) throw validationError(`[${path}] 'null' values are not allowed in templates`);
  if (typeof value !== 'object') return;
  for (const [member, inner] of Object.entries(value as JsonObject)) refuseNulls(inner, `${path}/${member}`);
};

const checkAlphanumeric = (kind: string, names: Iterable<string>): void => {
  for (const name of names) {
    if (/^[A-Za-z0-9]+$/.test(name)) continue;
    throw validationError(`Template format error: ${kind} name ${name} is non alphanumeric.`);
  }
};

/** A mapping has two levels of keys, and text or lists behind them. */
const checkMappings = (mappings: JsonObject): void => {
  for (const mapping of Object.values(mappings)) {
    if (!isObject(mapping)) throw validationError('Template format error: Any Mappings member must be a map');
    for (const [key, level] of Object.entries(mapping)) {
      if (!isObject(level)) throw validationError(`Template format error: Every Mappings member ${key} must be a map`);
      if (Object.values(level).some(isObject)) {
        throw validationError('Template format error: Every Mappings attribute must be a String or a List.');
      }
    }
  }
};

/**
 * Checks the outline of a template and gives its sections. What a section means is checked where it is used.
 *
 * Rules other than CDK's bootstrap check are refused.
 */
export const readTemplate = (body: JsonObject): Template => {
  const unknown = Object.keys(body).filter((name) => !SECTIONS.includes(name));
  if (unknown.length > 0) throw validationError(`Invalid template property or properties [${unknown.join(', ')}]`);
  const version = body['AWSTemplateFormatVersion'];
  if (version !== undefined && version !== '2010-09-09') {
    throw validationError(`Template format error: Unsupported value: ${String(version)} for AWSTemplateFormatVersion`);
  }
  for (const rule of Object.keys(section(body, 'Rules'))) {
    if (!ACCEPTED_RULES.includes(rule)) throw notSupported(`template rules (${rule})`);
  }
  if (Object.keys(section(body, 'Resources')).length === 0) {
    throw validationError('Template format error: At least one Resources member must be defined.');
  }
  checkAlphanumeric('Parameter', Object.keys(section(body, 'Parameters')));
  checkMappings(section(body, 'Mappings'));
  for (const name of ['Resources', 'Outputs']) refuseNulls(section(body, name), `/${name}`);
  return {
    description: body['Description'] as string | undefined,
    metadata: body['Metadata'],
    parameters: section(body, 'Parameters') as Record<string, JsonObject>,
    mappings: section(body, 'Mappings'),
    conditions: section(body, 'Conditions'),
    resources: new Map(Object.entries(section(body, 'Resources')).map(([id, value]) => [id, resourceOf(id, value)])),
    outputs: Object.fromEntries(
      Object.entries(section(body, 'Outputs')).map(([name, value]) => [name, outputOf(name, value)]),
    ),
  };
};
