import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidInputError } from '@holdfast/local';
import { evaluate, type Lookup } from './evaluate.ts';
import { type HclBlock, type HclBody, parseHcl } from './hcl-body.ts';
import { type HclExpression, parseExpression } from './hcl-expression.ts';
import { convert } from './resource-type.ts';
import { jsonText, type TerraformObject, type TerraformValue } from './terraform-value.ts';

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
    this.#bodies = readdirSync(directory)
      .filter((name) => name.endsWith('.tf'))
      .sort()
      .map((name) => parseHcl(name, readFileSync(join(directory, name), 'utf8')));
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

  /** A member of `each` of a resource with `for_each`. */
  forEach(type: string, name: string, lookup: Lookup): TerraformValue {
    const block = this.#block('resource', type, name);
    return block === undefined ? undefined : this.#members(block.body, lookup, 'for_each')['for_each'];
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

  #block(kind: string, type: string, name: string): HclBlock | undefined {
    return this.#bodies
      .flatMap(({ blocks }) => blocks)
      .find((block) => block.type === kind && block.labels[0] === type && block.labels[1] === name);
  }

  /** All members, or the one that is named; blocks as lists, as plans have them. */
  #members(body: HclBody, lookup: Lookup, only?: string): TerraformObject {
    const members: Record<string, TerraformValue> = {};
    for (const attribute of body.attributes) {
      if (only === undefined || attribute.name === only) members[attribute.name] = this.#evaluate(attribute, lookup);
    }
    for (const { type, labels, body: inner } of body.blocks) {
      if (type === 'dynamic' && (only === undefined || labels[0] === only)) {
        throw new InvalidInputError('dynamic', labels[0], 'is not played of a plan');
      }
      if (only !== undefined && type !== only) continue;
      members[type] = [...((members[type] ?? []) as readonly TerraformValue[]), this.#members(inner, lookup)];
    }
    return members;
  }

  #evaluate({ text }: HclBody['attributes'][number], lookup: Lookup): TerraformValue {
    const expression = this.#expressions.get(text) ?? parseExpression(text);
    this.#expressions.set(text, expression);
    return evaluate(expression, lookup);
  }
}
