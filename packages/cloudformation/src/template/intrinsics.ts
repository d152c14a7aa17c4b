import { isObject, type Json, type JsonObject, notSupported } from '@holdfast/engine';
import { base64OfText, memberOf } from '@holdfast/kernel';
import { validationError } from '../errors.ts';
import { checkForm, splitAttribute } from './call-forms.ts';

/** Where intrinsics find what they refer to. */
export interface Scope {
  readonly mappings: JsonObject;
  /** Parameters and pseudo parameters; `undefined` when there is none of that name. */
  parameter(name: string): Json | undefined;
  condition(name: string): boolean;
  /** The physical id of a resource; `undefined` when it is not (yet) there. */
  ref(logicalId: string): string | undefined;
  attribute(logicalId: string, attribute: string): Json | undefined;
  importValue(exportName: string): string;
  /** The region's availability zones. */
  zones(region: string): readonly string[];
}

/** Stands for `AWS::NoValue`: the member that holds it is left out. */
const NO_VALUE = Symbol('AWS::NoValue');
type Resolved = Json | typeof NO_VALUE;

const FUNCTIONS = [
  'Ref',
  'Condition',
  'Fn::GetAtt',
  'Fn::Sub',
  'Fn::Join',
  'Fn::Select',
  'Fn::Split',
  'Fn::FindInMap',
  'Fn::Base64',
  'Fn::ImportValue',
  'Fn::GetAZs',
  'Fn::If',
  'Fn::Equals',
  'Fn::And',
  'Fn::Or',
  'Fn::Not',
] as const;

/** The function and its argument when `value` is a call of one; `undefined` for plain data. */
export const intrinsicOf = (value: Json): readonly [name: string, argument: Json] | undefined => {
  if (!isObject(value)) return undefined;
  const members = Object.entries(value);
  const [first] = members;
  if (members.length !== 1 || first === undefined) return undefined;
  // A condition key of an IAM policy looks like `Condition`: only its text form refers to a template condition.
  if (first[0] === 'Condition') return typeof first[1] === 'string' ? first : undefined;
  return first[0] === 'Ref' || first[0].startsWith('Fn::') ? first : undefined;
};

const list = (name: string, value: Json): readonly Json[] => {
  if (!Array.isArray(value)) throw validationError(`Template error: every ${name} object requires a list argument.`);
  return value;
};

const string = (name: string, value: Json): string => {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw validationError(`Template error: every ${name} object must resolve to strings.`);
};

/** Splits `${Name}`, `${Name.Attribute}` and `${!Literal}` from the text around them. */
const SUB_VARIABLE = /\$\{([^}]*)\}/g;

/** Computes intrinsic functions in plain data. */
export class Resolver {
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  /** `undefined` when the value is `AWS::NoValue`. */
  resolve(value: Json): Json | undefined {
    const resolved = this.#resolve(value);
    return resolved === NO_VALUE ? undefined : resolved;
  }

  /** Evaluates the body of a condition. */
  test(value: Json): boolean {
    if (typeof value === 'boolean') return value;
    if (value === 'true' || value === 'false') return value === 'true';
    const resolved = this.resolve(value);
    if (typeof resolved !== 'boolean')
      throw validationError('Template error: every condition must be a boolean function.');
    return resolved;
  }

  #resolve(value: Json): Resolved {
    if (Array.isArray(value)) {
      return value.map((item: Json) => this.#resolve(item)).filter((item) => item !== NO_VALUE) as Json[];
    }
    if (!isObject(value)) return value;
    const call = intrinsicOf(value);
    if (call !== undefined) return this.#call(call[0], call[1]);
    return Object.fromEntries(
      Object.entries(value)
        .map(([member, inner]) => [member, this.#resolve(inner)] as const)
        .filter((entry): entry is readonly [string, Json] => entry[1] !== NO_VALUE),
    );
  }

  #plain(value: Json): Json {
    const resolved = this.#resolve(value);
    return resolved === NO_VALUE ? '' : resolved;
  }

  #call(name: string, argument: Json): Resolved {
    switch (name) {
      case 'Ref':
        return argument === 'AWS::NoValue' ? NO_VALUE : this.#ref(string(name, argument));
      case 'Condition':
        return this.#scope.condition(string(name, argument));
      case 'Fn::GetAtt': {
        const [logicalId, attribute] =
          typeof argument === 'string' ? splitAttribute(argument) : (list(name, argument) as readonly Json[]);
        return this.#attribute(string(name, logicalId as Json), string(name, this.#plain(attribute as Json)));
      }
      case 'Fn::Sub':
        return this.#substitute(argument);
      case 'Fn::Join': {
        const [separator, items] = list(name, argument);
        return list(name, this.#plain(items as Json))
          .map((item) => string(name, item))
          .join(string(name, separator as Json));
      }
      case 'Fn::Select': {
        const [index, items] = list(name, argument);
        const at = Number(this.#plain(index as Json));
        const found = list(name, this.#plain(items as Json))[at];
        if (found === undefined) {
          throw validationError(`Template error: Fn::Select cannot select nonexistent value at index ${at}`);
        }
        return found;
      }
      case 'Fn::Split': {
        const [separator, text] = list(name, argument);
        return string(name, this.#plain(text as Json)).split(string(name, separator as Json));
      }
      case 'Fn::FindInMap':
        return this.#findInMap(argument);
      case 'Fn::Base64':
        return base64OfText(string(name, this.#plain(argument)));
      case 'Fn::ImportValue':
        return this.#scope.importValue(string(name, this.#plain(argument)));
      case 'Fn::GetAZs': {
        const region = string(name, this.#plain(argument));
        return [...this.#scope.zones(region === '' ? string(name, this.#ref('AWS::Region')) : region)];
      }
      case 'Fn::If': {
        const [condition, whenTrue, whenFalse] = list(name, argument);
        return this.#resolve((this.#scope.condition(string(name, condition as Json)) ? whenTrue : whenFalse) as Json);
      }
      case 'Fn::Equals': {
        const [a, b] = list(name, argument).map((item) => this.#plain(item));
        return (
          JSON.stringify(typeof a === 'object' ? a : String(a)) ===
          JSON.stringify(typeof b === 'object' ? b : String(b))
        );
      }
      case 'Fn::And':
        return list(name, argument).every((item) => this.test(item));
      case 'Fn::Or':
        return list(name, argument).some((item) => this.test(item));
      case 'Fn::Not':
        return !this.test(list(name, argument)[0] as Json);
      default:
        throw notSupported(`the intrinsic function ${name}`);
    }
  }

  #ref(name: string): Json {
    const found = this.#scope.parameter(name) ?? this.#scope.ref(name);
    if (found === undefined) {
      throw validationError(`Unresolved resource dependencies [${name}] in the Resources block of the template`);
    }
    return found;
  }

  #attribute(logicalId: string, attribute: string): Json {
    const found = this.#scope.attribute(logicalId, attribute);
    if (found === undefined) {
      throw validationError(
        `Template error: resource ${logicalId} does not support attribute type ${attribute} in Fn::GetAtt`,
      );
    }
    return found;
  }

  #substitute(argument: Json): string {
    const [text, variables] = typeof argument === 'string' ? [argument, {}] : list('Fn::Sub', argument);
    return string('Fn::Sub', text as Json).replace(SUB_VARIABLE, (whole, inner: string) => {
      if (inner.startsWith('!')) return `\${${inner.slice(1)}}`;
      const name = inner.trim();
      const own = memberOf(variables as JsonObject, name);
      if (own !== undefined) return string('Fn::Sub', this.#plain(own));
      if (name === '') return whole;
      return string('Fn::Sub', name.includes('.') ? this.#attribute(...splitAttribute(name)) : this.#ref(name));
    });
  }

  #findInMap(argument: Json): Json {
    const [map, top, second, options] = list('Fn::FindInMap', argument).map((item) => this.#plain(item));
    const [mapName, topKey, secondKey] = [map, top, second].map((key) => string('Fn::FindInMap', key as Json));
    const inMap = memberOf(this.#scope.mappings, mapName as string);
    const inTop = isObject(inMap) ? memberOf(inMap, topKey as string) : undefined;
    const found = isObject(inTop) ? memberOf(inTop, secondKey as string) : undefined;
    if (found !== undefined) return found;
    if (isObject(options) && options['DefaultValue'] !== undefined) return options['DefaultValue'];
    throw validationError(`Template error: Unable to get mapping for ${mapName}::${topKey}::${secondKey}`);
  }
}

const chosen = ([condition, whenTrue, whenFalse]: readonly Json[], holds: (condition: string) => boolean): Json =>
  (holds(String(condition)) ? whenTrue : whenFalse) ?? null;

/** Calls `visit` for each call of a function in a value, but for those in branches of `Fn::If` that are not chosen. */
export const eachCall = (
  value: Json,
  holds: (condition: string) => boolean,
  visit: (name: string, call: Json) => void,
): void => {
  if (!isObject(value) && !Array.isArray(value)) return;
  const call = intrinsicOf(value);
  if (call !== undefined) visit(call[0], value);
  const isChoice = call?.[0] === 'Fn::If' && Array.isArray(call[1]);
  const inner = isChoice ? [chosen(call[1] as readonly Json[], holds)] : Object.values(value);
  for (const each of inner) eachCall(each as Json, holds, visit);
};

/** What an unresolved value refers to. */
export interface References {
  readonly refs: ReadonlySet<string>;
  /** `Logical.Attribute`. */
  readonly attributes: ReadonlySet<string>;
  readonly conditions: ReadonlySet<string>;
}

/**
 * Collects references and refuses functions that are not modelled, before anything is created. Where it is known which
 * conditions hold, only the branches of `Fn::If` that they choose count.
 */
export const referencesOf = (value: Json, holds?: (condition: string) => boolean): References => {
  const found = { refs: new Set<string>(), attributes: new Set<string>(), conditions: new Set<string>() };
  const walk = (at: Json): void => {
    if (Array.isArray(at)) for (const item of at as readonly Json[]) walk(item);
    if (!isObject(at)) return;
    const call = intrinsicOf(at);
    if (call === undefined) {
      for (const member of Object.values(at)) walk(member);
      return;
    }
    const [name, argument] = call;
    if (!(FUNCTIONS as readonly string[]).includes(name)) throw notSupported(`the intrinsic function ${name}`);
    checkForm(name, argument);
    if (name === 'Ref' && typeof argument === 'string') found.refs.add(argument);
    else if (name === 'Condition' && typeof argument === 'string') found.conditions.add(argument);
    else if (name === 'Fn::GetAtt') {
      if (typeof argument === 'string') found.attributes.add(argument);
      else if (Array.isArray(argument)) {
        const [logicalId, attribute] = argument as readonly Json[];
        found.attributes.add(`${String(logicalId)}.${typeof attribute === 'string' ? attribute : '*'}`);
        walk(attribute as Json);
      }
    } else if (name === 'Fn::Sub') {
      const [text, variables] = (typeof argument === 'string' ? [argument, {}] : argument) as readonly [
        string,
        JsonObject,
      ];
      for (const [, inner] of String(text).matchAll(SUB_VARIABLE)) {
        const variable = (inner as string).trim();
        if (variable.startsWith('!') || variable === '' || Object.hasOwn(variables ?? {}, variable)) continue;
        (variable.includes('.') ? found.attributes : found.refs).add(variable);
      }
      walk(variables ?? {});
    } else {
      const isChoice = name === 'Fn::If' && Array.isArray(argument);
      if (isChoice) found.conditions.add(String(argument[0]));
      walk(isChoice && holds !== undefined ? chosen(argument as readonly Json[], holds) : argument);
    }
  };
  walk(value);
  return found;
};
