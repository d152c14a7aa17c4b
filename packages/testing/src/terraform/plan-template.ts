import { InvalidInputError } from '@holdfast/local';
import { logicalIdOf } from './logical-id.ts';
import { bucketNotification, MERGED_TYPES, namedBy, type TemplateResource } from './merged-types.ts';
import { type PlannedResource, readPlan } from './plan-file.ts';
import { PlanValues } from './plan-values.ts';
import { convert, json } from './resource-type.ts';
import { RESOURCE_TYPES } from './resource-types.ts';
import { asTemplateValue, isText, JoinedText, jsonText, type TerraformValue } from './terraform-value.ts';

const NOTIFICATION = 'aws_s3_bucket_notification';

const PLAYED = [...Object.keys(RESOURCE_TYPES), ...Object.keys(MERGED_TYPES), NOTIFICATION].sort();

/** A template, and the names of its outputs as Terraform has them. */
export interface PlanTemplate {
  readonly body: string;
  /** By the names that CloudFormation allows. */
  readonly outputs: ReadonlyMap<string, string>;
}

const isMerged = ({ type }: PlannedResource): boolean => type in MERGED_TYPES;

class TemplateOfPlan {
  readonly #values: PlanValues;
  readonly #resources = new Map<string, TemplateResource>();
  /** Logical ids by address without index, also of what became part of another. */
  readonly #ids = new Map<string, Set<string>>();

  constructor(values: PlanValues) {
    this.#values = values;
    const { resources } = values;
    const refused = resources.filter(({ type }) => !PLAYED.includes(type)).map(({ address }) => address);
    if (refused.length > 0) {
      const rule = `cannot be made of a plan; played are ${PLAYED.join(', ')}`;
      throw new InvalidInputError('source', refused.join(', '), rule);
    }
    for (const resource of resources.filter((one) => !isMerged(one))) this.#add(resource);
    for (const resource of resources.filter(isMerged)) this.#merge(resource);
    for (const resource of resources) this.#order(resource);
  }

  resources(): object {
    return Object.fromEntries(
      [...this.#resources].map(([id, { Type, Properties, DependsOn }]) => [
        id,
        {
          Type,
          Properties: asTemplateValue(Properties),
          ...(DependsOn.size === 0 ? {} : { DependsOn: [...DependsOn] }),
        },
      ]),
    );
  }

  #add(resource: PlannedResource): void {
    const { address, type } = resource;
    const id = logicalIdOf(address);
    if (this.#resources.has(id)) {
      throw new InvalidInputError(
        'source',
        address,
        'has the name of another one, but for signs that CloudFormation does not have',
      );
    }
    const known = RESOURCE_TYPES[type];
    const { policy, ...others } = this.#values.attributesOf(resource);
    const isApart = known?.policy !== undefined && isText(policy ?? null);
    const given = isApart || policy === undefined ? others : { ...others, policy };
    if (isApart) this.#addPolicy(resource, known.policy ?? ['', ''], policy);
    const properties: Record<string, TerraformValue> =
      known === undefined
        ? { ServiceToken: 'engine', ...bucketNotification(given, address) }
        : { ...convert(known.prepare?.(given) ?? given, known.attributes, known.saysNothing, address) };
    // The provider makes a name where there is none, and so does CloudFormation, but for this one.
    if (type === 'aws_iam_role_policy') properties['PolicyName'] ??= id;
    this.#resources.set(id, {
      Type: known?.type ?? 'Custom::S3BucketNotifications',
      Properties: properties,
      DependsOn: new Set(),
    });
    this.#know(resource, id);
  }

  #addPolicy(owner: PlannedResource, [Type, property]: readonly [string, string], policy: TerraformValue): void {
    const Ref = logicalIdOf(owner.address);
    const Properties = { ...json('PolicyDocument')(policy, owner.address), [property]: [new JoinedText([{ Ref }])] };
    this.#resources.set(`${Ref}policy`, { Type, Properties, DependsOn: new Set() });
    // Who needs the owner needs it with its policy.
    this.#know(owner, `${Ref}policy`);
  }

  #merge(resource: PlannedResource): void {
    const { address, type } = resource;
    const merged = MERGED_TYPES[type];
    if (merged === undefined) return;
    const [attribute, ownerType] = merged.owner;
    const { [attribute]: ownerName, ...rest } = this.#values.attributesOf(resource);
    const id = this.#ownerOf(ownerType, ownerName, `${address}.${attribute}`);
    const owner = this.#resources.get(id);
    if (owner !== undefined)
      merged.merge(owner, convert(rest, merged.attributes, merged.saysNothing, address), address);
    this.#know(resource, id);
  }

  #know(resource: PlannedResource, id: string): void {
    const base = this.#values.baseOf(resource);
    const ids = this.#ids.get(base) ?? new Set();
    this.#ids.set(base, ids.add(id));
  }

  /** The owner by reference, or by the name that it has in the plan. */
  #ownerOf(type: string, value: TerraformValue, at: string): string {
    const name = namedBy(value, at);
    const nameAttribute = RESOURCE_TYPES[type]?.nameAttribute ?? '';
    const owner = this.#values.resources.find(
      (one) => one.type === type && (one.values[nameAttribute] === name || logicalIdOf(one.address) === name),
    );
    if (owner !== undefined) return logicalIdOf(owner.address);
    throw new InvalidInputError(at, name, `is no ${type} of the plan`);
  }

  /** Terraform makes first what is referred to, also where the plan has the value already. */
  #order(resource: PlannedResource): void {
    const merged = MERGED_TYPES[resource.type];
    if (merged?.isUnordered === true) return;
    const own =
      merged === undefined
        ? [logicalIdOf(resource.address)]
        : [...(this.#ids.get(this.#values.baseOf(resource)) ?? [])];
    const first = this.#values.referredBy(resource).flatMap((base) => [...(this.#ids.get(base) ?? [])]);
    for (const id of own) for (const other of first) if (other !== id) this.#resources.get(id)?.DependsOn.add(other);
  }
}

/**
 * What `terraform show -json` wrote of a plan, as a template of CloudFormation.
 *
 * @throws InvalidInputError for what is not played: resource types, attributes, functions
 */
export const templateOfPlan = (path: string, directory: string, region: string): PlanTemplate => {
  const values = new PlanValues(readPlan(path, region), directory);
  const Resources = new TemplateOfPlan(values).resources();
  const outputs = values.outputs().map(([name, value], index) => [`Output${index}`, name, value] as const);
  const Outputs = Object.fromEntries(
    outputs.map(([id, , value]) => [id, { Value: asTemplateValue(isText(value) ? value : jsonText(value)) }]),
  );
  return {
    body: JSON.stringify({ Resources, ...(outputs.length === 0 ? {} : { Outputs }) }),
    outputs: new Map(outputs.map(([id, name]) => [id, name])),
  };
};
