import { type Json, type JsonObject, notSupported } from '@holdfast/engine';
import { memberOf, setMember } from '@holdfast/kernel';
import { validationError } from '../errors.ts';

/** A parameter as a caller gives it. */
export interface GivenParameter {
  readonly ParameterKey?: string | undefined;
  readonly ParameterValue?: string | undefined;
  readonly UsePreviousValue?: boolean | undefined;
}

/** A parameter with its value; `value` is what the caller or the template said, `resolved` what `Ref` gives. */
export interface ResolvedParameter {
  readonly value: string;
  readonly resolved: Json;
  /** From SSM. */
  readonly isLookedUp: boolean;
  readonly noEcho: boolean;
}

const SSM_VALUE = /^AWS::SSM::Parameter::Value<(.+)>$/;
const LIST_TYPES = /^(CommaDelimitedList|List<.+>)$/;
const MEMBERS = [
  'Type',
  'Default',
  'AllowedValues',
  'AllowedPattern',
  'ConstraintDescription',
  'Description',
  'MinLength',
  'MaxLength',
  'MinValue',
  'MaxValue',
  'NoEcho',
];

const text = (value: Json | undefined): string =>
  Array.isArray(value) ? value.map(String).join(',') : value === undefined ? '' : String(value);

const splitList = (value: string): readonly string[] =>
  value === '' ? [] : value.split(',').map((item) => item.trim());

const checkValue = (name: string, definition: JsonObject, value: string): void => {
  const explain = (rule: string): never => {
    const said = definition['ConstraintDescription'];
    throw validationError(
      `Parameter '${name}' ${said === undefined ? rule : `failed to satisfy constraint: ${text(said)}`}`,
    );
  };
  const type = text(definition['Type']);
  const items = LIST_TYPES.test(type) ? splitList(value) : [value];
  const allowed = definition['AllowedValues'];
  if (Array.isArray(allowed) && !items.every((item) => allowed.map(String).includes(item))) {
    explain(`must be one of AllowedValues`);
  }
  const pattern = definition['AllowedPattern'];
  if (pattern !== undefined && !items.every((item) => new RegExp(`^(?:${text(pattern)})$`).test(item))) {
    explain(`must match pattern ${text(pattern)}`);
  }
  const bound = (member: string): number | undefined =>
    definition[member] === undefined ? undefined : Number(definition[member]);
  const [minLength, maxLength] = [bound('MinLength'), bound('MaxLength')];
  if (minLength !== undefined && value.length < minLength) {
    explain(`must contain at least ${minLength} characters`);
  }
  if (maxLength !== undefined && value.length > maxLength) {
    explain(`must contain at most ${maxLength} characters`);
  }
  if (type === 'Number' || type === 'List<Number>') {
    for (const item of items) {
      if (item === '' || Number.isNaN(Number(item))) throw validationError(`Parameter '${name}' must be a number.`);
      const [min, max] = [bound('MinValue'), bound('MaxValue')];
      if (min !== undefined && Number(item) < min) explain(`must be a number not less than ${min}`);
      if (max !== undefined && Number(item) > max) explain(`must be a number not greater than ${max}`);
    }
  }
};

const checkDefinition = (name: string, definition: JsonObject): void => {
  const type = definition['Type'];
  if (typeof type !== 'string') {
    throw validationError('Template format error: Every Parameters object must contain a Type member.');
  }
  const unknown = Object.keys(definition).filter((member) => !MEMBERS.includes(member));
  if (unknown.length > 0) throw validationError(`Invalid template parameter property '${unknown[0]}'`);
  const inner = SSM_VALUE.exec(type)?.[1] ?? type;
  if (
    !['String', 'Number', 'CommaDelimitedList', 'List<Number>', 'List<String>', 'AWS::SSM::Parameter::Name'].includes(
      inner,
    )
  ) {
    if (inner.includes('AWS::')) throw notSupported(`parameter type ${type} (parameter ${name})`);
    throw validationError(`Template format error: Unrecognized parameter type: ${type}`);
  }
};

/**
 * Gives every parameter its value: the caller's, the previous one, or the default, in this order.
 *
 * @param lookUp reads an SSM parameter
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
 */
export const resolveParameters = async (
  definitions: Readonly<Record<string, JsonObject>>,
  given: readonly GivenParameter[],
  previous: Readonly<Record<string, string>>,
  lookUp: (name: string) => Promise<string>,
): Promise<Record<string, ResolvedParameter>> => {
  const unknown = given.filter(({ ParameterKey }) => !Object.hasOwn(definitions, ParameterKey ?? ''));
  if (unknown.length > 0) {
    throw validationError(
      `Parameters: [${unknown.map((p) => p.ParameterKey).join(', ')}] do not exist in the template`,
    );
  }
  const values: Record<string, string> = {};
  const missing: string[] = [];
  for (const [name, definition] of Object.entries(definitions)) {
    checkDefinition(name, definition);
    const said = given.find(({ ParameterKey }) => ParameterKey === name);
    if (said?.UsePreviousValue === true && (said.ParameterValue ?? '') !== '') {
      throw validationError(
        `Invalid input for parameter key ${name}. Cannot specify usePreviousValue as true and non empty value for a parameter`,
      );
    }
    const value = said?.UsePreviousValue === true ? memberOf(previous, name) : said?.ParameterValue;
    if (value !== undefined) setMember(values, name, value);
    else if (definition['Default'] !== undefined) setMember(values, name, text(definition['Default']));
    else missing.push(name);
  }
  if (missing.length > 0) throw validationError(`Parameters: [${missing.join(', ')}] must have values`);
  const resolved: Record<string, ResolvedParameter> = {};
  for (const [name, value] of Object.entries(values)) {
    const definition = definitions[name] as JsonObject;
    checkValue(name, definition, value);
    const type = text(definition['Type']);
    const inner = SSM_VALUE.exec(type)?.[1];
    const found = inner === undefined ? value : await lookUp(value);
    setMember(resolved, name, {
      value,
      resolved: LIST_TYPES.test(inner ?? type) ? splitList(found) : found,
      isLookedUp: inner !== undefined,
      noEcho: definition['NoEcho'] === true || definition['NoEcho'] === 'true',
    });
  }
  return resolved;
};
