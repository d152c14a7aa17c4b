import { type Lookup, stepInto } from './evaluate.ts';
import type { HclText } from './hcl-text.ts';
import { logicalIdOf } from './logical-id.ts';
import type { PlannedModule, PlannedResource, TerraformPlan } from './plan-file.ts';
import { ModuleFiles, PlanModule } from './plan-module.ts';
import { References } from './references.ts';
import { RESOURCE_TYPES } from './resource-types.ts';
import { isMembers, JoinedText, type TerraformObject, type TerraformValue, Whole } from './terraform-value.ts';

/** Of what is known after the apply, an object tells member by member. */
const isUnknown = (value: TerraformValue): boolean =>
  value === true || (typeof value === 'object' && value !== null && Object.values(value).some(isUnknown));

type Step = string | number;

/** What `count` and `each` stand for: the index, and what `for_each` is. */
interface Repeated {
  readonly index: Step | undefined;
  readonly all: (lookup: Lookup) => TerraformValue;
}

/** Whose expression it is, and on behalf of which resource it is worked out. */
interface Place {
  readonly module: PlanModule;
  readonly repeated?: Repeated;
  readonly from?: PlannedResource | undefined;
}

const isRepeated = (configured: { readonly count_expression?: unknown; readonly for_each_expression?: unknown } = {}) =>
  configured.count_expression !== undefined || configured.for_each_expression !== undefined;

/** Several of one name: by their keys, or in their order. */
const collection = <One extends { readonly index?: Step | undefined }>(
  all: readonly One[],
  whole: (one: One) => Whole,
  isByKey: boolean,
): TerraformValue =>
  isByKey
    ? Object.fromEntries(all.map((one) => [String(one.index), whole(one)]))
    : [...all].sort((one, other) => Number(one.index) - Number(other.index)).map(whole);

const allData = (module: PlannedModule = {}): readonly PlannedResource[] => [
  ...(module.resources ?? []).filter(({ mode }) => mode === 'data'),
  ...(module.child_modules ?? []).flatMap(allData),
];

/** What the attributes of a plan's resources are: as the plan has them, and the rest as the files say. */
export class PlanValues {
  readonly resources: readonly PlannedResource[];
  readonly #plan: TerraformPlan;
  readonly #root: PlanModule;
  readonly #modules = new Map<PlannedResource, PlanModule>();
  readonly #references = new References();
  readonly #data: readonly PlannedResource[];

  constructor(plan: TerraformPlan, directory: string) {
    this.#plan = plan;
    this.#root = new PlanModule(
      plan.planned_values.root_module,
      plan.configuration.root_module,
      new ModuleFiles(directory),
    );
    for (const module of this.#root.all) for (const resource of module.resources) this.#modules.set(resource, module);
    this.resources = [...this.#modules.keys()];
    this.#data = allData(plan.prior_state?.values?.root_module);
  }

  attributesOf(resource: PlannedResource): TerraformObject {
    const { address, type, name, values } = resource;
    const unknown = this.#unknownOf(resource);
    const module = this.#moduleOf(resource);
    const lookup = this.#lookupFor({ module, repeated: this.#repetition(module, resource), from: resource });
    const workedOut = this.#written(module, resource, unknown).map((attribute) => [
      attribute,
      module.configuration.attribute(address, type, name, attribute, lookup),
    ]);
    // With the tags that the provider gives to everything, where there can be any.
    const { tags_all: all, ...rest } = values;
    const tags = RESOURCE_TYPES[type]?.attributes['tags'] === undefined || all === undefined ? {} : { tags: all };
    return { ...rest, ...tags, ...Object.fromEntries(workedOut) };
  }

  /** A resource's name in the whole plan, without index. */
  baseOf(resource: PlannedResource): string {
    return this.#moduleOf(resource).named(`${resource.type}.${resource.name}`);
  }

  /** What a resource refers to, without index: Terraform makes that first. */
  referredBy(resource: PlannedResource): readonly string[] {
    return this.#references.of(resource, this.#moduleOf(resource));
  }

  /** What the configuration answers, by name. */
  outputs(): readonly (readonly [string, TerraformValue])[] {
    const lookup = this.#lookupFor({ module: this.#root });
    return Object.entries(this.#plan.planned_values.outputs ?? {})
      .map(([name, planned]) => {
        const value = 'value' in planned ? planned.value : this.#root.configuration.output(name, lookup);
        return [name, value] as const;
      })
      .filter(([, value]) => value !== null && value !== undefined);
  }

  #moduleOf(resource: PlannedResource): PlanModule {
    return this.#modules.get(resource) ?? this.#root;
  }

  #unknownOf({ address }: PlannedResource): TerraformObject {
    return this.#plan.resource_changes?.find((one) => one.address === address)?.change.after_unknown ?? {};
  }

  /**
   * What of the unknown is written, and not the provider's own to say. A plan does not name what dynamic blocks make; the files do,
   * and of a block that is there it has a list.
   */
  #written(module: PlanModule, { type, name }: PlannedResource, unknown: TerraformObject): readonly string[] {
    const names = new Set(Object.keys(module.configuredResource(`${type}.${name}`)?.expressions ?? {}));
    const open = Object.keys(unknown).filter((attribute) => isUnknown(unknown[attribute]));
    for (const attribute of open) if (Array.isArray(unknown[attribute])) names.add(attribute);
    if (open.length > 0 && module.hasFiles) {
      for (const attribute of module.configuration.namesOf(type, name)) names.add(attribute);
    }
    return open.filter((attribute) => names.has(attribute));
  }

  #repetition(module: PlanModule, { index, type, name }: PlannedResource): Repeated {
    return { index, all: (lookup) => module.configuration.forEach(['resource', type, name], lookup) };
  }

  #lookupFor(place: Place): Lookup {
    const { module, repeated } = place;
    const lookup: Lookup = (root, steps, at) => {
      const [name = '', ...rest] = steps;
      if (root === 'var') return stepInto(this.#variable(place, String(name), at), rest, at);
      if (root === 'path') return name === 'module' ? module.directory : '.';
      if (root === 'local') return stepInto(module.configuration.local(String(name), lookup), rest, at);
      if (root === 'count') return repeated?.index;
      if (root === 'each') return stepInto(this.#each(repeated, name, lookup), rest, at);
      if (root === 'data') return this.#dataOf(place, String(name), rest, at);
      if (root === 'module') return this.#module(place, String(name), rest, at);
      return this.#attribute(place, `${root}.${name}`, rest, at);
    };
    return lookup;
  }

  #each(repeated: Repeated | undefined, part: Step, lookup: Lookup): TerraformValue {
    if (repeated === undefined || part === 'key') return repeated?.index;
    const all = repeated.all(lookup);
    return isMembers(all) ? all[String(repeated.index)] : repeated.index;
  }

  /** What a module is called with, as who calls it says, or the default. */
  #variable({ module, from }: Place, name: string, at: HclText): TerraformValue {
    if (module.called === undefined) return this.#plan.variables?.[name]?.value;
    const {
      by,
      name: call,
      call: { expressions = {} },
      index,
    } = module.called;
    const given = expressions[name];
    if (given === undefined) {
      const declared = module.configured.variables?.[name];
      return declared === undefined ? at.fail('is no variable of its module') : declared.default;
    }
    if (given.constant_value !== undefined) return given.constant_value;
    const repeated = { index, all: (lookup: Lookup) => by.configuration.forEach(['module', call], lookup) };
    return by.configuration.argument(call, name, this.#lookupFor({ module: by, repeated, from }));
  }

  /** What a module answers. */
  #module({ module, from }: Place, name: string, given: readonly Step[], at: HclText): TerraformValue {
    const call = module.configured.module_calls?.[name];
    if (call === undefined) return at.fail('is no module that is called here');
    const instances = module.instancesOf(name).map((one) => ({ one, index: one.called?.index }));
    const answer = (one: PlanModule, output: string, place: HclText): TerraformValue =>
      one.configured.outputs?.[output] === undefined
        ? place.fail(`has no output ${output}`)
        : one.configuration.output(output, this.#lookupFor({ module: one, from }));
    const whole = ({ one }: { one: PlanModule }) => new Whole((output, place) => answer(one, output, place), at);
    if (!isRepeated(call)) return stepInto(instances.map(whole)[0], given, at);
    return stepInto(collection(instances, whole, call.for_each_expression !== undefined), given, at);
  }

  #dataOf({ module, from }: Place, type: string, [name = '', ...given]: readonly Step[], at: HclText): TerraformValue {
    const base = `data.${type}.${name}`;
    const isOneOfSeveral = isRepeated(module.configuredResource(base));
    const steps = isOneOfSeveral ? given.slice(1) : given;
    const address = module.named(base) + (isOneOfSeveral ? `[${JSON.stringify(given[0])}]` : '');
    const known = this.#data.find((one) => one.address === address);
    if (known !== undefined) return stepInto(known.values, steps, at);
    if (type !== 'aws_iam_policy_document' || steps[0] !== 'json') {
      return at.fail('is read by the provider during the apply, which is not played of a plan');
    }
    const repeated = {
      index: isOneOfSeveral ? given[0] : undefined,
      all: (lookup: Lookup) => module.configuration.forEach(['data', type, String(name)], lookup),
    };
    return module.configuration.policyDocument(String(name), this.#lookupFor({ module, repeated, from }));
  }

  #attribute({ module, from }: Place, base: string, given: readonly Step[], at: HclText): TerraformValue {
    if (from !== undefined) this.#references.look(from, module.named(base));
    const configured = module.configuredResource(base);
    if (configured === undefined) return at.fail('is no resource of the plan that can be referred to');
    const all = module.resources.filter(({ type, name }) => `${type}.${name}` === base);
    const whole = (one: PlannedResource) => new Whole((name, place) => this.#valueOf(one, name, place), at);
    if (isRepeated(configured)) {
      return stepInto(collection(all, whole, configured.for_each_expression !== undefined), given, at);
    }
    const [only] = all;
    return only === undefined ? at.fail('is not in the plan') : stepInto(whole(only), given, at);
  }

  #valueOf(resource: PlannedResource, attribute: string, at: HclText): TerraformValue {
    const type = RESOURCE_TYPES[resource.type];
    const planned = resource.values[attribute];
    if (planned !== undefined && planned !== null) return planned;
    if (planned === null && !isUnknown(this.#unknownOf(resource)[attribute])) return null;
    const name = resource.values[type?.nameAttribute ?? ''];
    if (attribute === 'arn' && typeof name === 'string' && type?.arnOf !== undefined) return type.arnOf(name);
    const known = type?.known[attribute];
    if (known === undefined) {
      const names = Object.keys(type?.known ?? {}).join(', ');
      return at.fail(
        `is known after an apply; of ${resource.type} a plan is played with ${names || 'no such attribute'}`,
      );
    }
    const Ref = logicalIdOf(resource.address);
    return new JoinedText([known === '' ? { Ref } : { 'Fn::GetAtt': [Ref, known] }]);
  }
}
