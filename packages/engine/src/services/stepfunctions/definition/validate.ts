import { utf8Length } from '@holdfast/kernel';
import type { ApiCaller, Json, JsonObject } from '../../../core/index.ts';
import { isName } from '../arns.ts';
import { isPath, isReferencePath } from '../language/json-path-syntax.ts';
import { expressionIn, syntaxErrorOf } from '../language/jsonata-expression.ts';
import { parseOffsetDateTime } from '../language/timestamp.ts';
import type { MachineType } from '../running/execution.ts';
import type { Diagnostic } from './diagnostics.ts';
import { Findings, isDynamic, isObject, SCHEMA, TARGET } from './findings.ts';
import { readJson } from './json-text.ts';
import type { QueryLanguage } from './program.ts';
import { COMMON_FIELDS, DEFINITION_FIELDS, FIELDS, JSONATA_FIELDS, JSONPATH_FIELDS, TYPES } from './state-fields.ts';
import { checkChoices } from './validate-choice.ts';
import { checkHandlers } from './validate-handlers.ts';
import { checkTask } from './validate-task.ts';

const DEFINITION_BYTES_MAX = 1_048_576;
export interface Validated {
  readonly definition: JsonObject | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

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
  return { definition: read.value, diagnostics: validation.found.list };
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
  return validation.found.list;
};

class Validation {
  readonly found = new Findings();
  readonly #type: MachineType;
  readonly #api: ApiCaller;
  readonly #language: QueryLanguage;

  constructor(type: MachineType, api: ApiCaller, definition: JsonObject) {
    this.#type = type;
    this.#api = api;
    this.#language = (definition.QueryLanguage as QueryLanguage | undefined) ?? 'JSONPath';
  }

  level(level: JsonObject, at: string, fields: ReadonlySet<string>): void {
    const here = at === '' ? '/' : at;
    const missing = ['States', 'StartAt'].filter((name) => level[name] === undefined);
    if (missing.length > 0) {
      this.found.fail(`These fields are required: [${missing.join(', ')}]`, here);
      return;
    }
    for (const name of Object.keys(level)) {
      if (!fields.has(name)) this.found.fail(`Field '${name}' is not supported`, here);
    }
    if (level.QueryLanguage !== undefined)
      this.found.oneOf(level.QueryLanguage, ['JSONPath', 'JSONata'], 'QueryLanguage', at);
    if (level.TimeoutSeconds !== undefined)
      this.found.integer(level.TimeoutSeconds, 1, 99_999_999, `${at}/TimeoutSeconds`);
    const { States: states, StartAt: startAt } = level;
    if (!isObject(states)) {
      this.found.fail('Expected value of type Object', `${at}/States`);
      return;
    }
    if (Object.keys(states).length === 0) this.found.fail('Value cannot be empty', `${at}/States`);
    if (typeof startAt !== 'string' || !Object.hasOwn(states, startAt)) {
      this.found.fail(`Missing 'Next' target: ${startAt as string}`, `${at}/StartAt`, TARGET);
    }
    for (const [name, state] of Object.entries(states)) {
      const place = `${at}/States/${name}`;
      if (name.length > 80) this.found.fail('State name must be at most 80 characters', place);
      if (isObject(state)) this.state(state, name, place, states);
      else this.found.fail('Expected value of type Object', place);
    }
    if (this.found.list.length === 0) this.#reachable(states, startAt as string, at);
  }

  #reachable(states: JsonObject, startAt: string, at: string): void {
    const reached = new Set([startAt]);
    for (const name of reached) for (const next of targetsOf(states[name] as JsonObject)) reached.add(next);
    for (const name of Object.keys(states)) {
      if (!reached.has(name)) this.found.fail(`State "${name}" is not reachable.`, `${at}/States/${name}`, TARGET);
    }
  }

  state(state: JsonObject, _name: string, at: string, states: JsonObject | undefined): void {
    const { Type: type } = state;
    if (type === undefined) {
      this.found.fail('These fields are required: [Type]', at);
      return;
    }
    if (typeof type !== 'string' || !TYPES.includes(type)) {
      this.found.fail(`The field 'Type' should have one of these values: [${TYPES.join(', ')}]`, `${at}/Type`);
      return;
    }
    if (state.QueryLanguage !== undefined) {
      this.found.oneOf(state.QueryLanguage, ['JSONPath', 'JSONata'], 'QueryLanguage', at);
      if (this.#language === 'JSONata' && state.QueryLanguage === 'JSONPath') {
        this.found.fail("'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine", at);
        return;
      }
    }
    const language = (state.QueryLanguage as QueryLanguage | undefined) ?? this.#language;
    this.#fields(state, type, language, at);
    this.#transition(state, type, at, states);
    if (language === 'JSONata') this.#expressions(state, at);
    else this.#paths(state, type, at);
    checkHandlers(this.found, state, at, states);
    this.#variables(state, at);
    if (type === 'Choice') checkChoices(this.found, state, language, at, states);
    if (type === 'Wait') this.#wait(state, language, at);
    if (type === 'Task') checkTask(this.found, state, this.#type, this.#api, at);
    if (type === 'Parallel') this.#branches(state, at);
    if (type === 'Map') this.#map(state, at);
  }

  #fields(state: JsonObject, type: string, language: QueryLanguage, at: string): void {
    const own = FIELDS[type] as ReadonlySet<string>;
    const others = language === 'JSONata' ? JSONPATH_FIELDS : JSONATA_FIELDS;
    for (const name of Object.keys(state)) {
      if (!COMMON_FIELDS.has(name) && !own.has(name)) this.found.fail(`Field '${name}' is not supported`, at);
      else if (others.has(name) && !(name === 'Parameters' && type === 'Map' && language === 'JSONPath')) {
        this.found.fail(`Field '${name}' is not supported when the query language is ${language}`, at);
      }
    }
  }

  #variables(state: JsonObject, at: string): void {
    for (const list of ['Choices', 'Catch']) {
      const { [list]: rules } = state;
      if (!Array.isArray(rules)) continue;
      for (const [index, rule] of rules.entries()) {
        if (isObject(rule) && rule.Assign !== undefined) {
          this.found.variables(rule.Assign, `${at}/${list}[${index}]/Assign`);
        }
      }
    }
    if (state.Assign !== undefined) this.found.variables(state.Assign, `${at}/Assign`);
  }

  #transition(state: JsonObject, type: string, at: string, states: JsonObject | undefined): void {
    if (type === 'Choice' || type === 'Succeed' || type === 'Fail') return;
    const { Next: next, End: end } = state;
    if (next === undefined && end !== true && states !== undefined) {
      this.found.fail('One of these fields is required: [Next, End]', at);
    }
    if (next !== undefined && end === true) this.found.fail('Only one of these fields is allowed: [Next, End]', at);
    if (next !== undefined) this.found.target(next, `${at}/Next`, states);
  }

  /** Texts between `{%` and `%}` must be JSONata. */
  #expressions(value: Json, at: string): void {
    if (typeof value === 'string') {
      const source = expressionIn(value);
      const problem = source === undefined ? undefined : syntaxErrorOf(source);
      if (problem !== undefined) this.found.fail(`The JSONata expression '${source}' is not valid: ${problem}`, at);
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
      if (typeof value !== 'string' || !isPath(value))
        this.found.fail('Value is not a valid JSONPath', `${at}/${name}`);
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
        this.found.fail('Value is not a Reference Path', `${at}/${name}`);
      }
    }
    const { ResultPath: resultPath } = state;
    if (
      resultPath !== undefined &&
      resultPath !== null &&
      (typeof resultPath !== 'string' || !isReferencePath(resultPath))
    ) {
      this.found.fail('Value is not a Reference Path', `${at}/ResultPath`);
    }
    for (const name of ['ErrorPath', 'CausePath']) {
      const value = state[name];
      if (value !== undefined && (typeof value !== 'string' || !isDynamic(value))) {
        this.found.fail('Value is not a valid JSONPath or intrinsic function', `${at}/${name}`);
      }
    }
    for (const name of ['Parameters', 'ResultSelector', 'ItemSelector', 'Assign', 'Credentials']) {
      if (type === 'Pass' && name === 'ResultSelector') continue;
      if (state[name] !== undefined) this.found.template(state[name] as Json, `${at}/${name}`);
    }
  }

  #wait(state: JsonObject, language: QueryLanguage, at: string): void {
    const given = ['Seconds', 'SecondsPath', 'Timestamp', 'TimestampPath'].filter((name) => state[name] !== undefined);
    if (given.length !== 1) {
      this.found.fail('Exactly one of these fields is required: [Seconds, SecondsPath, Timestamp, TimestampPath]', at);
    }
    const { Seconds: seconds, Timestamp: timestamp } = state;
    const isExpression = (value: Json) =>
      language === 'JSONata' && typeof value === 'string' && expressionIn(value) !== undefined;
    if (seconds !== undefined && !isExpression(seconds)) this.found.integer(seconds, 0, 99_999_999, `${at}/Seconds`);
    if (timestamp === undefined || isExpression(timestamp)) return;
    if (typeof timestamp !== 'string' || parseOffsetDateTime(timestamp) === undefined) {
      this.found.fail('String does not match RFC3339 timestamp', `${at}/Timestamp`);
    }
  }

  #branches(state: JsonObject, at: string): void {
    const { Branches: branches } = state;
    if (branches === undefined) this.found.fail('These fields are required: [Branches]', at);
    else if (!Array.isArray(branches) || branches.length === 0)
      this.found.fail('Value cannot be empty', `${at}/Branches`);
    else {
      for (const [index, branch] of branches.entries()) {
        const place = `${at}/Branches[${index}]`;
        if (isObject(branch)) this.level(branch, place, DEFINITION_FIELDS);
        else this.found.fail('Expected value of type Object', place);
      }
    }
  }

  #map(state: JsonObject, at: string): void {
    const key = state.ItemProcessor === undefined ? 'Iterator' : 'ItemProcessor';
    const processor = state[key];
    if (processor === undefined) {
      this.found.fail('These fields are required: [ItemProcessor]', at);
      return;
    }
    if (!isObject(processor)) {
      this.found.fail('Expected value of type Object', `${at}/${key}`);
      return;
    }
    const config = processor.ProcessorConfig;
    if (isObject(config) && config.Mode === 'DISTRIBUTED' && this.#type === 'EXPRESS') {
      this.found.fail("Express state machine does not support 'DISTRIBUTED' mode", `${at}/${key}/ProcessorConfig/Mode`);
    }
    const { Label: label } = state;
    if (label !== undefined && (typeof label !== 'string' || label.length > 40 || !isName(label))) {
      this.found.fail('Value must be a name of at most 40 characters', `${at}/Label`);
    }
    if (typeof state.MaxConcurrency === 'number')
      this.found.integer(state.MaxConcurrency, 0, 99_999_999, `${at}/MaxConcurrency`);
    this.level(processor, `${at}/${key}`, new Set([...DEFINITION_FIELDS, 'ProcessorConfig']));
  }
}

const targetsOf = (state: JsonObject): readonly string[] => {
  const rules = ((state.Choices ?? []) as readonly JsonObject[]).map(({ Next }) => Next);
  const catchers = ((state.Catch ?? []) as readonly JsonObject[]).map(({ Next }) => Next);
  return [state.Next, state.Default, ...rules, ...catchers].filter((next) => typeof next === 'string');
};
