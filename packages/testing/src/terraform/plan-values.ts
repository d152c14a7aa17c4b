import type { Configuration } from './configuration.ts';
import { type Lookup, stepInto } from './evaluate.ts';
import type { HclText } from './hcl-text.ts';
import { logicalIdOf } from './logical-id.ts';
import { type ConfiguredResource, type PlannedResource, referencesIn, type TerraformPlan } from './plan-file.ts';
import { RESOURCE_TYPES } from './resource-types.ts';
import { isMembers, JoinedText, type TerraformObject, type TerraformValue } from './terraform-value.ts';

/** Of what is known after the apply, an object tells member by member. */
const isUnknown = (value: TerraformValue): boolean =>
  value === true || (typeof value === 'object' && value !== null && Object.values(value).some(isUnknown));

type Step = string | number;

/** What the attributes of a plan's resources are: as the plan has them, and the rest as the files say. */
export class PlanValues {
  readonly resources: readonly PlannedResource[];
  readonly #plan: TerraformPlan;
  readonly #configuration: Configuration;
  /** Addresses, without index, that were referred to from locals and data sources, too. */
  readonly #looked = new Map<string, Set<string>>();

  constructor(plan: TerraformPlan, configuration: Configuration) {
    this.#plan = plan;
    this.#configuration = configuration;
    // A resource of which nothing is known yet comes without values.
    this.resources = (plan.planned_values.root_module.resources ?? [])
      .filter(({ mode }) => mode === 'managed')
      .map((resource) => ({ ...resource, values: resource.values ?? {} }));
  }

  attributesOf(resource: PlannedResource): TerraformObject {
    const { address, type, name, values } = resource;
    const unknown = this.#plan.resource_changes?.find((one) => one.address === address)?.change.after_unknown ?? {};
    const written = Object.keys(this.#configured(`${type}.${name}`)?.expressions ?? {});
    const lookup = this.#lookupFor(resource);
    const workedOut = written
      .filter((attribute) => isUnknown(unknown[attribute]))
      .map((attribute) => [attribute, this.#configuration.attribute(address, type, name, attribute, lookup)]);
    // With the tags that the provider gives to everything, where there can be any.
    const { tags_all: all, ...rest } = values;
    const tags = RESOURCE_TYPES[type]?.attributes['tags'] === undefined || all === undefined ? {} : { tags: all };
    return { ...rest, ...tags, ...Object.fromEntries(workedOut) };
  }

  /** What a resource refers to, without index: Terraform makes that first. */
  referredBy({ address, type, name }: PlannedResource): readonly string[] {
    const found = new Set(this.#looked.get(address));
    const follow = (base: string, prefix: string): void => {
      const configured = this.#configured(`${prefix}${base}`);
      for (const reference of [...referencesIn(configured?.expressions), ...(configured?.depends_on ?? [])]) {
        const [, data, to = ''] = /^(data\.)?(\w+\.[\w-]+)/.exec(reference) ?? [];
        if (found.has(`${data ?? ''}${to}`)) continue;
        found.add(`${data ?? ''}${to}`);
        if (data !== undefined) follow(to, 'data.');
      }
    };
    follow(`${type}.${name}`, '');
    return [...found];
  }

  /** What the configuration answers, by name. */
  outputs(): readonly (readonly [string, TerraformValue])[] {
    return Object.entries(this.#plan.planned_values.outputs ?? {}).map(([name, { value }]) => [
      name,
      value ?? this.#configuration.output(name, this.#lookupFor(undefined)),
    ]);
  }

  #configured(address: string): ConfiguredResource | undefined {
    return this.#plan.configuration.root_module.resources?.find((one) => one.address === address);
  }

  #lookupFor(resource: PlannedResource | undefined): Lookup {
    const lookup: Lookup = (root, steps, at) => {
      const [name = '', ...rest] = steps;
      if (root === 'var') return stepInto(this.#plan.variables?.[name]?.value, rest, at);
      if (root === 'path') return '.';
      if (root === 'local') return stepInto(this.#configuration.local(String(name), lookup), rest, at);
      if (root === 'count') return resource?.index;
      if (root === 'each') return stepInto(this.#each(resource, name, lookup), rest, at);
      if (root === 'data') return this.#data(String(name), rest, lookup, at);
      return this.#attribute(resource, `${root}.${name}`, rest, at);
    };
    return lookup;
  }

  #each(resource: PlannedResource | undefined, part: Step, lookup: Lookup): TerraformValue {
    if (resource === undefined || part === 'key') return resource?.index;
    const all = this.#configuration.forEach(resource.type, resource.name, lookup);
    return isMembers(all) ? all[String(resource.index)] : resource.index;
  }

  #data(type: string, [name = '', ...steps]: readonly Step[], lookup: Lookup, at: HclText): TerraformValue {
    const known = this.#plan.prior_state?.values?.root_module?.resources?.find(
      (one) => one.mode === 'data' && one.type === type && one.name === name,
    );
    if (known !== undefined) return stepInto(known.values, steps, at);
    if (type !== 'aws_iam_policy_document' || steps[0] !== 'json') {
      return at.fail('is read by the provider during the apply, which is not played of a plan');
    }
    return this.#configuration.policyDocument(String(name), lookup);
  }

  #attribute(from: PlannedResource | undefined, base: string, given: readonly Step[], at: HclText): TerraformValue {
    if (from !== undefined) this.#looked.set(from.address, (this.#looked.get(from.address) ?? new Set()).add(base));
    const all = this.resources.filter(({ type, name }) => `${type}.${name}` === base);
    const isOneOfSeveral = all.some(({ index }) => index !== undefined);
    const steps = isOneOfSeveral ? given.slice(1) : given;
    const resource = isOneOfSeveral ? all.find(({ index }) => index === given[0]) : all[0];
    const [attribute = '', ...rest] = steps.map(String);
    const type = RESOURCE_TYPES[resource?.type ?? ''];
    if (resource === undefined || type === undefined)
      return at.fail('is no resource of the plan that can be referred to');
    const planned = resource.values[attribute];
    if (planned !== undefined && planned !== null) return stepInto(planned, rest, at);
    const name = resource.values[type.nameAttribute ?? ''];
    if (attribute === 'arn' && typeof name === 'string' && type.arnOf !== undefined) return type.arnOf(name);
    const known = type.known[attribute];
    if (known === undefined) {
      const names = Object.keys(type.known).join(', ');
      return at.fail(
        `is known after an apply; of ${resource.type} a plan is played with ${names || 'no such attribute'}`,
      );
    }
    const Ref = logicalIdOf(resource.address);
    return new JoinedText([known === '' ? { Ref } : { 'Fn::GetAtt': [Ref, known] }]);
  }
}
