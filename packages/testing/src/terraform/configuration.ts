import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidInputError } from '@holdfast/local';
import { evaluate, itemsOf, type Lookup, withNames } from './evaluate.ts';
import { type HclBlock, type HclBody, parseHcl } from './hcl-body.ts';
import { type HclExpression, parseExpression } from './hcl-expression.ts';
import { convert } from './resource-type.ts';
import { jsonText, type TerraformObject, type TerraformValue } from './terraform-value.ts';

/** What a resource says of itself as a whole. */
const META = ['count', 'for_each', 'depends_on', 'provider', 'lifecycle', 'connection', 'provisioner'];

const STATEMENT = {
  actions: 'Action',
  condition: 'Condition',
  effect: 'Effect',
  not_actions: 'NotAction',
  not_principals: 'NotPrincipal',
  not_resources: 'NotResource',
  principals: 'Principal',
  resources: 'Resource',
  sid: 'Sid',
} as const;

/** Values of several blocks by what they are for: principals by type, conditions by test and variable. */
const grouped = (blocks: TerraformValue, path: readonly string[], values: string): TerraformValue => {
  const groups: Record<string, Record<string, TerraformValue> | TerraformValue> = {};
  for (const block of blocks as readonly TerraformObject[]) {
    const [first = '', second] = path.map((name) => String(block[name]));
    const isAny = values === 'identifiers' && first === '*';
    if (isAny) return '*';
    if (second === undefined) groups[first] = block[values];
    else groups[first] = { ...(groups[first] as TerraformObject | undefined), [second]: block[values] };
  }
  return groups as TerraformValue;
};

/** @see https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document */
const policyDocument = (body: TerraformObject, address: string): string | ReturnType<typeof jsonText> => {
  const { Version = '2012-10-17', Statement } = convert(
    body,
    {
      statement: (statements) => ({
        Statement: (statements as readonly TerraformObject[]).map((statement) => ({
          Effect: 'Allow',
          ...convert(
            statement,
            {
              ...STATEMENT,
              condition: (given) => ({ Condition: grouped(given, ['test', 'variable'], 'values') }),
              not_principals: (given) => ({ NotPrincipal: grouped(given, ['type'], 'identifiers') }),
              principals: (given) => ({ Principal: grouped(given, ['type'], 'identifiers') }),
            },
            undefined,
            `${address}.statement`,
          ),
        })),
      }),
      version: 'Version',
    },
    undefined,
    address,
  );
  return jsonText({ Version, Statement });
};

/** The files of a configuration: what a plan leaves to the apply is worked out from them. */
export class Configuration {
  readonly #directory: string;
  readonly #bodies: readonly HclBody[];
  readonly #expressions = new Map<unknown, HclExpression>();

  constructor(directory: string) {
    this.#directory = directory;
    if (!existsSync(directory)) throw new InvalidInputError('configuration', directory, 'is not there');
    this.#bodies = readdirSync(directory)
      .filter((name) => name.endsWith('.tf'))
      .sort()
      .map((name) => parseHcl(name, readFileSync(join(directory, name), 'utf8')));
  }

  /** What the files set of a resource: attributes and blocks by name, of dynamic blocks too, which no plan names. */
  namesOf(type: string, name: string): readonly string[] {
    const { attributes = [], blocks = [] } = this.#block('resource', type, name)?.body ?? {};
    const ofBlocks = blocks.map(({ type: block, labels }) => (block === 'dynamic' ? (labels[0] ?? '') : block));
    return [...attributes.map((attribute) => attribute.name), ...ofBlocks].filter((each) => !META.includes(each));
  }

  /**
   * An attribute, or the blocks of that name, of a resource.
   *
   * @throws InvalidInputError when the files do not have it
   */
  attribute(address: string, type: string, name: string, attribute: string, lookup: Lookup): TerraformValue {
    const block = this.#block('resource', type, name);
    const value = block === undefined ? undefined : this.#members(block.body, lookup, attribute)[attribute];
    if (value !== undefined) return value;
    throw new InvalidInputError(
      `${address}.${attribute}`,
      'known after apply',
      `is not in the plan, and no file in ${this.#directory} says how it comes about; name the directory of the configuration: deploy(plan, { configuration: 'infrastructure' })`,
    );
  }

  /** What `for_each` of a resource or of the call of a module is. */
  forEach(
    labels: readonly [kind: 'resource' | 'data', type: string, name: string] | readonly [kind: 'module', name: string],
    lookup: Lookup,
  ): TerraformValue {
    const [kind, ...names] = labels;
    const block = this.#block(kind, ...names);
    return block === undefined ? undefined : this.#members(block.body, lookup, 'for_each')['for_each'];
  }

  /** What a module is called with. */
  argument(call: string, name: string, lookup: Lookup): TerraformValue {
    const block = this.#block('module', call);
    return block === undefined ? undefined : this.#members(block.body, lookup, name)[name];
  }

  local(name: string, lookup: Lookup): TerraformValue {
    for (const { blocks } of this.#bodies) {
      for (const { type, body } of blocks) {
        const attribute = type === 'locals' ? body.attributes.find((one) => one.name === name) : undefined;
        if (attribute !== undefined) return this.#evaluate(attribute, lookup);
      }
    }
    return undefined;
  }

  /** The text that a data source makes of policy statements. */
  policyDocument(name: string, lookup: Lookup): TerraformValue {
    const block = this.#block('data', 'aws_iam_policy_document', name);
    return block && policyDocument(this.#members(block.body, lookup), `data.aws_iam_policy_document.${name}`);
  }

  output(name: string, lookup: Lookup): TerraformValue {
    const block = this.#bodies
      .flatMap(({ blocks }) => blocks)
      .find((one) => one.type === 'output' && one.labels[0] === name);
    return block === undefined ? undefined : this.#members(block.body, lookup, 'value')['value'];
  }

  #block(kind: string, ...labels: readonly string[]): HclBlock | undefined {
    return this.#bodies
      .flatMap(({ blocks }) => blocks)
      .find((block) => block.type === kind && labels.every((label, index) => block.labels[index] === label));
  }

  /** All members, or the one that is named; blocks as lists, as plans have them. */
  #members(body: HclBody, lookup: Lookup, only?: string): TerraformObject {
    const members: Record<string, TerraformValue> = {};
    const isWanted = (name: string): boolean => (only === undefined ? !META.includes(name) : name === only);
    for (const attribute of body.attributes) {
      if (isWanted(attribute.name)) members[attribute.name] = this.#evaluate(attribute, lookup);
    }
    for (const block of body.blocks) {
      const name = (block.type === 'dynamic' ? block.labels[0] : block.type) ?? '';
      if (!isWanted(name)) continue;
      const made =
        block.type === 'dynamic' ? this.#dynamic(name, block.body, lookup) : [this.#members(block.body, lookup)];
      members[name] = [...((members[name] ?? []) as readonly TerraformValue[]), ...made];
    }
    return members;
  }

  /** A block for each item: within it the block's name, or the iterator's, stands for key and value. */
  #dynamic(label: string, { attributes, blocks }: HclBody, lookup: Lookup): readonly TerraformObject[] {
    const of = (name: string) => attributes.find((attribute) => attribute.name === name);
    const forEach = of('for_each');
    const content = blocks.find(({ type }) => type === 'content');
    if (forEach === undefined || content === undefined) {
      throw new InvalidInputError('dynamic', label, 'must have for_each and content');
    }
    const iterator = of('iterator')?.text.again().name() ?? label;
    return itemsOf(this.#evaluate(forEach, lookup), forEach.text).map(([key, value]) =>
      this.#members(content.body, withNames({ [iterator]: { key, value } }, lookup)),
    );
  }

  #evaluate({ text }: HclBody['attributes'][number], lookup: Lookup): TerraformValue {
    const expression = this.#expressions.get(text) ?? parseExpression(text);
    this.#expressions.set(text, expression);
    return evaluate(expression, lookup);
  }
}
