import { InvalidInputError } from '@holdfast/local';
import { isMembers, JoinedText, parseJsonText, type TerraformObject, type TerraformValue } from './terraform-value.ts';

/** How an attribute becomes properties of a CloudFormation resource. */
export type Conversion = (value: TerraformValue, address: string) => Readonly<Record<string, TerraformValue>>;

/** What is refused if it is not named: attributes by name, with what each becomes. */
export type Conversions = Readonly<Record<string, Conversion | string>>;

/** A resource type of Terraform's provider for AWS, in CloudFormation's words. */
export interface TerraformType {
  readonly type: string;
  readonly attributes: Conversions;
  /** Attributes that say nothing here, or nothing when they have this value. */
  readonly saysNothing?: Readonly<Record<string, TerraformValue>> | undefined;
  /** What others may refer to, and is known once it is deployed: `arn` is `Fn::GetAtt` of `Arn`; '' is `Ref`. */
  readonly known: Readonly<Record<string, string>>;
  /** The ARN by name: for references that would otherwise go round in a circle. */
  readonly arnOf?: (name: string) => TerraformValue;
  /** The attribute with the name. */
  readonly nameAttribute?: string;
  /** What a policy becomes that is an attribute here: a resource of its own, and its property that names this one. */
  readonly policy?: readonly [type: string, property: string];
  /** Puts attributes together that are one property. */
  readonly prepare?: (given: TerraformObject) => TerraformObject;
}

/** Says nothing, whatever it is. */
export const ANYTHING = Symbol('anything') as unknown as TerraformValue;

/** What Terraform itself has, and what the provider decides alone. */
export const COMMON = {
  tags_all: ANYTHING,
  timeouts: ANYTHING,
  force_destroy: ANYTHING,
  force_detach_policies: ANYTHING,
};

const isNothing = (value: TerraformValue): boolean => {
  if (value === undefined || value === null || value === false || value === '') return true;
  if (value instanceof JoinedText) return false;
  return typeof value === 'object' && Object.keys(value).length === 0;
};

/** A text of JSON, as the object that it is. */
export const json =
  (property: string): Conversion =>
  (value) => ({ [property]: typeof value === 'string' || value instanceof JoinedText ? parseJsonText(value) : value });

/** Not there is the only way to say no. */
export const onlyTrue =
  (property: string): Conversion =>
  (value) =>
    value === true ? { [property]: true } : {};

/** A block that is there once. */
export const block =
  (property: string, inner: Conversions): Conversion =>
  (value, address) => {
    const [only] = Array.isArray(value) ? (value as readonly TerraformValue[]) : [value];
    return { [property]: convert(only, inner, undefined, address) };
  };

/** A block that may be there more than once. */
export const blocks =
  (property: string, inner: Conversions): Conversion =>
  (value, address) => ({
    [property]: (value as readonly TerraformValue[]).map((one) => convert(one, inner, undefined, address)),
  });

export const tags: Conversion = (value) => ({
  Tags: Object.entries(value as TerraformObject).map(([Key, Value]) => ({ Key, Value })),
});

const same = (one: TerraformValue, other: TerraformValue): boolean => JSON.stringify(one) === JSON.stringify(other);

/**
 * Attributes as properties.
 *
 * @throws InvalidInputError for attributes that are set and not named
 */
export const convert = (
  given: TerraformValue,
  conversions: Conversions,
  saysNothing: Readonly<Record<string, TerraformValue>> = {},
  address = '',
): TerraformObject => {
  if (!isMembers(given)) return {};
  const properties: Record<string, TerraformValue> = {};
  for (const [name, value] of Object.entries(given)) {
    const conversion = conversions[name];
    if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) continue;
    if (typeof conversion === 'string') properties[conversion] = value;
    else if (conversion !== undefined) Object.assign(properties, conversion(value, address));
    else if (!isNothing(value) && saysNothing[name] !== ANYTHING && !same(saysNothing[name], value)) {
      throw new InvalidInputError(
        `${address}.${name}`,
        value,
        `is not played of a plan; played are ${Object.keys(conversions).sort().join(', ')}`,
      );
    }
  }
  return properties;
};
