import { utf8Length } from '@holdfast/kernel';
import { type ApiCaller, type Json, type JsonObject, notSupported } from '../../../core/index.ts';
import { isName } from '../arns.ts';
import { integrationOf } from '../integrations/index.ts';
import { parseResource } from '../integrations/resource.ts';
import { COMPARISONS, TYPE_TESTS } from '../language/choice.ts';
import { isIntrinsic } from '../language/intrinsic.ts';
import { isPath, isReferencePath } from '../language/json-path.ts';
import { expressionIn, syntaxErrorOf } from '../language/jsonata-expression.ts';
import { parseOffsetDateTime } from '../language/timestamp.ts';
import type { MachineType } from '../running/execution.ts';
import type { Diagnostic } from './diagnostics.ts';
import { readJson } from './json-text.ts';
import type { QueryLanguage } from './program.ts';
import { COMMON_FIELDS, DEFINITION_FIELDS, FIELDS, JSONATA_FIELDS, JSONPATH_FIELDS, TYPES } from './state-fields.ts';

const DEFINITION_BYTES_MAX = 1_048_576;
const SCHEMA = 'SCHEMA_VALIDATION_FAILED';
const TARGET = 'MISSING_TRANSITION_TARGET';

export interface Validated {
  readonly definition: JsonObject | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Checks a definition's text against the states language, and what the kind of machine allows. */
export const validateDefinition = (text: string, type: MachineType, api: ApiCaller): Validated => {
  const fault = (message: string, code = SCHEMA, location?: string): Validated => ({
    definition: undefined,
    diagnostics: [{ severity: 'ERROR', code, message, ...(location === undefined ? {} : { location }) }],
  });
  if (text.trim() === '') return fault('Definition must be a valid JSON object');
  if (utf8Length(text) > DEFINITION_BYTES_MAX) return fault('Definition is too large');
  const read = readJson(text);
  if ('problem' in read) return fault(`${read.problem}\n at ${read.at}`, 'INVALID_JSON_DESCRIPTION', read.at);
  if (!isObject(read.value)) return fault('Definition must be a valid JSON object');
  const validation = new Validation(type, api, read.value);
  validation.level(read.value, '', DEFINITION_FIELDS);
  return { definition: read.value, diagnostics: validation.found };
};

/** For one state alone, as TestState takes it. */
export const validateState = (
  state: JsonObject,
  name: string,
  api: ApiCaller,
  machine: JsonObject,
): readonly Diagnostic[] => {
  const validation = new Validation('STANDARD', api, machine);
  validation.state(state, name, `/States/${name}`, undefined);
  return validation.found;
};

class Validation {
  readonly found: Diagnostic[] = [];
  readonly #type: MachineType;
  readonly #api: ApiCaller;
  readonly #language: QueryLanguage;

  constructor(type: MachineType, api: ApiCaller, definition: JsonObject) {
    this.#type = type;
    this.#api = api;
    this.#language = (definition.QueryLanguage as QueryLanguage | undefined) ?? 'JSONPath';
  }

  #fail(message: string, location: string, code = SCHEMA): void {
    this.found.push({ severity: 'ERROR', code, message, location });
  }

  level(level: JsonObject, at: string, fields: ReadonlySet<string>): void {
    const here = at === '' ? '/' : at;
    const missing = ['States', 'StartAt'].filter((name) => level[name] === undefined);
    if (missing.length > 0) {
      this.#fail(`These fields are required: [${missing.join(', ')}]`, here);
      return;
    }
    for (const name of Object.keys(level)) {
      if (!fields.has(name)) this.#fail(`Field '${name}' is not supported`, here);
    }
    if (level.QueryLanguage !== undefined)
      this.#oneOf(level.QueryLanguage, ['JSONPath', 'JSONata'], 'QueryLanguage', at);
    if (level.TimeoutSeconds !== undefined) this.#integer(level.TimeoutSeconds, 1, 99_999_999, `${at}/TimeoutSeconds`);
    const { States: states, StartAt: startAt } = level;
    if (!isObject(states)) {
      this.#fail('Expected value of type Object', `${at}/States`);
      return;
    }
    if (Object.keys(states).length === 0) this.#fail('Value cannot be empty', `${at}/States`);
    if (typeof startAt !== 'string' || !Object.hasOwn(states, startAt)) {
      this.#fail(`Missing 'Next' target: ${startAt as string}`, `${at}/StartAt`, TARGET);
    }
    for (const [name, state] of Object.entries(states)) {
      const place = `${at}/States/${name}`;
      if (name.length > 80) this.#fail('State name must be at most 80 characters', place);
      if (isObject(state)) this.state(state, name, place, states);
      else this.#fail('Expected value of type Object', place);
    }
    if (this.found.length === 0) this.#reachable(states, startAt as string, at);
  }

  #reachable(states: JsonObject, startAt: string, at: string): void {
    const reached = new Set([startAt]);
    for (const name of reached) for (const next of targetsOf(states[name] as JsonObject)) reached.add(next);
    for (const name of Object.keys(states)) {
      if (!reached.has(name)) this.#fail(`State "${name}" is not reachable.`, `${at}/States/${name}`, TARGET);
    }
  }

  state(state: JsonObject, _name: string, at: string, states: JsonObject | undefined): void {
    const { Type: type } = state;
    if (type === undefined) {
      this.#fail('These fields are required: [Type]', at);
      return;
    }
    if (typeof type !== 'string' || !TYPES.includes(type)) {
      this.#fail(`The field 'Type' should have one of these values: [${TYPES.join(', ')}]`, `${at}/Type`);
      return;
    }
    if (state.QueryLanguage !== undefined) {
      this.#oneOf(state.QueryLanguage, ['JSONPath', 'JSONata'], 'QueryLanguage', at);
      if (this.#language === 'JSONata' && state.QueryLanguage === 'JSONPath') {
        this.#fail("'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine", at);
        return;
      }
    }
    const language = (state.QueryLanguage as QueryLanguage | undefined) ?? this.#language;
    this.#fields(state, type, language, at);
    this.#transition(state, type, at, states);
    if (language === 'JSONata') this.#expressions(state, at);
    else this.#paths(state, type, at);
    this.#retriers(state, at, states);
    if (type === 'Choice') this.#choices(state, language, at, states);
    if (type === 'Wait') this.#wait(state, language, at);
    if (type === 'Task') this.#task(state, at);
    if (type === 'Parallel') this.#branches(state, at);
    if (type === 'Map') this.#map(state, at);
  }

  #fields(state: JsonObject, type: string, language: QueryLanguage, at: string): void {
    const own = FIELDS[type] as ReadonlySet<string>;
    const others = language === 'JSONata' ? JSONPATH_FIELDS : JSONATA_FIELDS;
    for (const name of Object.keys(state)) {
      if (!COMMON_FIELDS.has(name) && !own.has(name)) this.#fail(`Field '${name}' is not supported`, at);
      else if (others.has(name) && !(name === 'Parameters' && type === 'Map' && language === 'JSONPath')) {
        this.#fail(`Field '${name}' is not supported when the query language is ${language}`, at);
      }
    }
  }

  #transition(state: JsonObject, type: string, at: string, states: JsonObject | undefined): void {
    if (type === 'Choice' || type === 'Succeed' || type === 'Fail') return;
    const { Next: next, End: end } = state;
    if (next === undefined && end !== true && states !== undefined) {
      this.#fail('One of these fields is required: [Next, End]', at);
    }
    if (next !== undefined && end === true) this.#fail('Only one of these fields is allowed: [Next, End]', at);
    if (next !== undefined) this.#target(next, `${at}/Next`, states);
  }

  #target(next: Json, at: string, states: JsonObject | undefined): void {
    if (states === undefined) return;
    if (typeof next !== 'string' || !Object.hasOwn(states, next)) {
      this.#fail(`Missing 'Next' target: ${String(next)}`, at, TARGET);
    }
  }

  /** Texts between `{%` and `%}` must be JSONata. */
  #expressions(value: Json, at: string): void {
    if (typeof value === 'string') {
      const source = expressionIn(value);
      const problem = source === undefined ? undefined : syntaxErrorOf(source);
      if (problem !== undefined) this.#fail(`The JSONata expression '${source}' is not valid: ${problem}`, at);
    } else if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) this.#expressions(item, `${at}[${index}]`);
    } else if (isObject(value)) {
      for (const [name, member] of Object.entries(value)) {
        // What lies in branches and processors is checked state by state.
        if (name === 'Branches' || name === 'ItemProcessor' || name === 'Iterator') continue;
        this.#expressions(member, `${at}/${name}`);
      }
    }
  }

  #paths(state: JsonObject, type: string, at: string): void {
    for (const name of ['InputPath', 'OutputPath', 'ItemsPath']) {
      const value = state[name];
      if (value === undefined || value === null) continue;
      if (typeof value !== 'string' || !isPath(value)) this.#fail('Value is not a valid JSONPath', `${at}/${name}`);
    }
    const reference = [
      'TimeoutSecondsPath',
      'HeartbeatSecondsPath',
      'MaxConcurrencyPath',
      'SecondsPath',
      'TimestampPath',
    ];
    for (const name of reference) {
      const value = state[name];
      if (value !== undefined && (typeof value !== 'string' || !isPath(value))) {
        this.#fail('Value is not a Reference Path', `${at}/${name}`);
      }
    }
    const { ResultPath: resultPath } = state;
    if (
      resultPath !== undefined &&
      resultPath !== null &&
      (typeof resultPath !== 'string' || !isReferencePath(resultPath))
    ) {
      this.#fail('Value is not a Reference Path', `${at}/ResultPath`);
    }
    for (const name of ['ErrorPath', 'CausePath']) {
      const value = state[name];
      if (value !== undefined && (typeof value !== 'string' || !isDynamic(value))) {
        this.#fail('Value is not a valid JSONPath or intrinsic function', `${at}/${name}`);
      }
    }
    for (const name of ['Parameters', 'ResultSelector', 'ItemSelector', 'Assign', 'Credentials']) {
      if (type === 'Pass' && name === 'ResultSelector') continue;
      if (state[name] !== undefined) this.template(state[name] as Json, `${at}/${name}`);
    }
  }

  /** Members that end in `.$` must be paths or calls of intrinsic functions. */
  template(value: Json, at: string): void {
    if (Array.isArray(value)) {
      for (const item of value) this.template(item, at);
      return;
    }
    if (!isObject(value)) return;
    for (const [name, member] of Object.entries(value)) {
      if (!name.endsWith('.$')) this.template(member, at);
      else if (typeof member !== 'string' || !isDynamic(member)) {
        this.#fail(`The value for the field '${name}' must be a valid JSONPath or a valid intrinsic function call`, at);
      }
    }
  }

  #retriers(state: JsonObject, at: string, states: JsonObject | undefined): void {
    for (const [kind, list] of [
      ['Retry', state.Retry],
      ['Catch', state.Catch],
    ] as const) {
      if (list === undefined) continue;
      if (!Array.isArray(list)) {
        this.#fail('Expected value of type Array', `${at}/${kind}`);
        continue;
      }
      for (const [index, each] of (list as readonly Json[]).entries()) {
        const place = `${at}/${kind}[${index}]`;
        if (!isObject(each)) {
          this.#fail('Expected value of type Object', place);
          continue;
        }
        this.#errorEquals(each, index === list.length - 1, place);
        if (kind === 'Retry') this.#retrier(each, place);
        else if (each.Next === undefined) this.#fail('These fields are required: [Next]', place);
        else this.#target(each.Next, `${place}/Next`, states);
      }
    }
  }

  #errorEquals(handler: JsonObject, isLast: boolean, at: string): void {
    const { ErrorEquals: names } = handler;
    if (names === undefined) {
      this.#fail('These fields are required: [ErrorEquals]', at);
      return;
    }
    if (!Array.isArray(names) || names.length === 0) {
      this.#fail('Value cannot be empty', `${at}/ErrorEquals`);
      return;
    }
    if (names.includes('States.ALL') && names.length > 1) {
      this.#fail('States.ALL can only be used alone', `${at}/ErrorEquals`);
    } else if (names.includes('States.ALL') && !isLast) {
      this.#fail('States.ALL can only appear in the last element', `${at}/ErrorEquals`);
    }
  }

  #retrier(retrier: JsonObject, at: string): void {
    const { IntervalSeconds, MaxAttempts, BackoffRate, MaxDelaySeconds, JitterStrategy } = retrier;
    if (IntervalSeconds !== undefined) this.#integer(IntervalSeconds, 1, 99_999_999, `${at}/IntervalSeconds`);
    if (MaxAttempts !== undefined) this.#integer(MaxAttempts, 0, 99_999_999, `${at}/MaxAttempts`);
    if (BackoffRate !== undefined && (typeof BackoffRate !== 'number' || BackoffRate < 1)) {
      this.#fail('Value must be greater than or equal to 1.0', `${at}/BackoffRate`);
    }
    if (MaxDelaySeconds !== undefined) this.#integer(MaxDelaySeconds, 1, 31_622_399, `${at}/MaxDelaySeconds`);
    if (JitterStrategy !== undefined) this.#oneOf(JitterStrategy, ['FULL', 'NONE'], 'JitterStrategy', at);
  }

  #choices(state: JsonObject, language: QueryLanguage, at: string, states: JsonObject | undefined): void {
    const { Choices: rules, Default: otherwise } = state;
    if (rules === undefined) this.#fail('These fields are required: [Choices]', at);
    else if (!Array.isArray(rules) || rules.length === 0) this.#fail('Value cannot be empty', `${at}/Choices`);
    else {
      for (const [index, rule] of rules.entries()) {
        const place = `${at}/Choices[${index}]`;
        if (!isObject(rule)) this.#fail('Expected value of type Object', place);
        else this.#rule(rule, language, place, states);
      }
    }
    if (otherwise !== undefined) this.#target(otherwise, `${at}/Default`, states);
  }

  #rule(rule: JsonObject, language: QueryLanguage, at: string, states: JsonObject | undefined): void {
    if (rule.Next === undefined) this.#fail('These fields are required: [Next]', at);
    else this.#target(rule.Next, `${at}/Next`, states);
    if (language === 'JSONata') {
      if (rule.Condition === undefined) this.#fail('These fields are required: [Condition]', at);
      return;
    }
    if (rule.Assign !== undefined) this.template(rule.Assign, `${at}/Assign`);
    this.#comparison(rule, at);
  }

  #comparison(rule: Json, at: string): void {
    if (!isObject(rule)) {
      this.#fail('Expected value of type Object', at);
      return;
    }
    if (Array.isArray(rule.And) || Array.isArray(rule.Or)) {
      const key = rule.And === undefined ? 'Or' : 'And';
      const parts = rule[key] as readonly Json[];
      if (parts.length === 0) this.#fail('Value cannot be empty', `${at}/${key}`);
      for (const [index, part] of parts.entries()) this.#comparison(part, `${at}/${key}[${index}]`);
      return;
    }
    if (rule.Not !== undefined) {
      this.#comparison(rule.Not, `${at}/Not`);
      return;
    }
    if (rule.Variable === undefined) {
      this.#fail('These fields are required: [Variable]', at);
      return;
    }
    if (typeof rule.Variable !== 'string' || !isPath(rule.Variable)) {
      this.#fail('Value is not a valid JSONPath', `${at}/Variable`);
    }
    const operators = Object.keys(rule).filter((name) => COMPARISONS.has(name) || TYPE_TESTS.has(name));
    if (operators.length !== 1) this.#fail('Exactly one comparison operator is required', at);
    for (const operator of operators) {
      const value = rule[operator];
      if (operator.endsWith('Path') && (typeof value !== 'string' || !isPath(value))) {
        this.#fail('Value is not a valid JSONPath', `${at}/${operator}`);
      }
    }
    const known = new Set(['Variable', 'Next', 'Comment', 'Assign', 'Output']);
    for (const name of Object.keys(rule)) {
      if (!known.has(name) && !operators.includes(name)) this.#fail(`Field '${name}' is not supported`, at);
    }
  }

  #wait(state: JsonObject, language: QueryLanguage, at: string): void {
    const given = ['Seconds', 'SecondsPath', 'Timestamp', 'TimestampPath'].filter((name) => state[name] !== undefined);
    if (given.length !== 1) {
      this.#fail('Exactly one of these fields is required: [Seconds, SecondsPath, Timestamp, TimestampPath]', at);
    }
    const { Seconds: seconds, Timestamp: timestamp } = state;
    const isExpression = (value: Json) =>
      language === 'JSONata' && typeof value === 'string' && expressionIn(value) !== undefined;
    if (seconds !== undefined && !isExpression(seconds)) this.#integer(seconds, 0, 99_999_999, `${at}/Seconds`);
    if (timestamp === undefined || isExpression(timestamp)) return;
    if (typeof timestamp !== 'string' || parseOffsetDateTime(timestamp) === undefined) {
      this.#fail('String does not match RFC3339 timestamp', `${at}/Timestamp`);
    }
  }

  #task(state: JsonObject, at: string): void {
    const { Resource: text } = state;
    if (text === undefined) {
      this.#fail('These fields are required: [Resource]', at);
      return;
    }
    const place = `${at}/Resource`;
    if (
      isObject(state.Credentials) &&
      state.Credentials.RoleArn === undefined &&
      state.Credentials['RoleArn.$'] === undefined
    ) {
      this.#fail("The field 'RoleArn' is required but was missing", `${at}/Credentials`);
    }
    for (const name of ['TimeoutSeconds', 'HeartbeatSeconds']) {
      const value = state[name];
      if (typeof value === 'number') this.#integer(value, 1, 99_999_999, `${at}/${name}`);
    }
    if (typeof state.TimeoutSeconds === 'number' && typeof state.HeartbeatSeconds === 'number') {
      if (state.HeartbeatSeconds >= state.TimeoutSeconds) {
        this.#fail("The field 'HeartbeatSeconds' must be smaller than 'TimeoutSeconds'", at);
      }
    }
    if (typeof text !== 'string' || !text.startsWith('arn:')) {
      this.#fail('Value is not a valid resource ARN', place);
      return;
    }
    const resource = parseResource(text);
    const unknown = `The resource provided ${text} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.`;
    if (resource === undefined) this.#fail(unknown, place);
    else if (resource.kind === 'activity' && this.#type === 'EXPRESS') {
      this.#fail('Express state machine does not support Activity ARN', place);
    } else if (resource.kind === 'service') {
      const { pattern } = resource;
      if (this.#type === 'EXPRESS' && pattern === 'waitForTaskToken') {
        this.#fail("Express state machine does not support '.waitForTaskToken' service integration ", place);
      } else if (this.#type === 'EXPRESS' && pattern !== '') {
        this.#fail("Express state machine does not support '.sync' service integration", place);
      } else if (/^(?:lambda|sqs|sns|dynamodb|events|states)$/.test(resource.resourceType)) {
        const integration = integrationOf(resource, this.#api);
        if (integration === undefined || !integration.patterns.includes(pattern)) this.#fail(unknown, place);
      } else if (integrationOf(resource, this.#api) === undefined) throw notSupported(`the task ${text}`);
    }
  }

  #branches(state: JsonObject, at: string): void {
    const { Branches: branches } = state;
    if (branches === undefined) this.#fail('These fields are required: [Branches]', at);
    else if (!Array.isArray(branches) || branches.length === 0) this.#fail('Value cannot be empty', `${at}/Branches`);
    else {
      for (const [index, branch] of branches.entries()) {
        const place = `${at}/Branches[${index}]`;
        if (isObject(branch)) this.level(branch, place, DEFINITION_FIELDS);
        else this.#fail('Expected value of type Object', place);
      }
    }
  }

  #map(state: JsonObject, at: string): void {
    const key = state.ItemProcessor === undefined ? 'Iterator' : 'ItemProcessor';
    const processor = state[key];
    if (processor === undefined) {
      this.#fail('These fields are required: [ItemProcessor]', at);
      return;
    }
    if (!isObject(processor)) {
      this.#fail('Expected value of type Object', `${at}/${key}`);
      return;
    }
    const config = processor.ProcessorConfig;
    if (isObject(config) && config.Mode === 'DISTRIBUTED' && this.#type === 'EXPRESS') {
      this.#fail("Express state machine does not support 'DISTRIBUTED' mode", `${at}/${key}/ProcessorConfig/Mode`);
    }
    const { Label: label } = state;
    if (label !== undefined && (typeof label !== 'string' || label.length > 40 || !isName(label))) {
      this.#fail('Value must be a name of at most 40 characters', `${at}/Label`);
    }
    if (typeof state.MaxConcurrency === 'number')
      this.#integer(state.MaxConcurrency, 0, 99_999_999, `${at}/MaxConcurrency`);
    this.level(processor, `${at}/${key}`, new Set([...DEFINITION_FIELDS, 'ProcessorConfig']));
  }

  #integer(value: Json, min: number, max: number, at: string): void {
    if (typeof value !== 'number' || !Number.isInteger(value)) this.#fail('Expected value of type Integer', at);
    else if (value < min || value > max) this.#fail(`Value must be between ${min} and ${max}`, at);
  }

  #oneOf(value: Json, allowed: readonly string[], field: string, at: string): void {
    if (typeof value === 'string' && allowed.includes(value)) return;
    this.#fail(`The field '${field}' should have one of these values: [${allowed.join(', ')}]`, `${at}/${field}`);
  }
}

const isDynamic = (text: string): boolean => (text.startsWith('$') ? isPath(text) : isIntrinsic(text));

const targetsOf = (state: JsonObject): readonly string[] => {
  const rules = ((state.Choices ?? []) as readonly JsonObject[]).map(({ Next }) => Next);
  const catchers = ((state.Catch ?? []) as readonly JsonObject[]).map(({ Next }) => Next);
  return [state.Next, state.Default, ...rules, ...catchers].filter((next) => typeof next === 'string');
};
