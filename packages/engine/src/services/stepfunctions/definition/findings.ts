import type { Json, JsonObject } from '../../../core/index.ts';
import { isIntrinsic } from '../language/intrinsic.ts';
import { isPath } from '../language/json-path-syntax.ts';
import type { Diagnostic } from './diagnostics.ts';

export const SCHEMA = 'SCHEMA_VALIDATION_FAILED';
export const TARGET = 'MISSING_TRANSITION_TARGET';

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isDynamic = (text: string): boolean => (text.startsWith('$') ? isPath(text) : isIntrinsic(text));

const VARIABLE = /^[\p{ID_Start}_][\p{ID_Continue}]*$/u;
const VARIABLE_LENGTH_MAX = 80;

/** What is wrong with a definition, and the checks that all kinds of states share. */
export class Findings {
  readonly list: Diagnostic[] = [];

  fail(message: string, location: string, code = SCHEMA): void {
    this.list.push({ severity: 'ERROR', code, message, location });
  }

  integer(value: Json, min: number, max: number, at: string): void {
    if (typeof value !== 'number' || !Number.isInteger(value)) this.fail('Expected value of type Integer', at);
    else if (value < min || value > max) this.fail(`Value must be between ${min} and ${max}`, at);
  }

  oneOf(value: Json, allowed: readonly string[], field: string, at: string): void {
    if (typeof value === 'string' && allowed.includes(value)) return;
    this.fail(`The field '${field}' should have one of these values: [${allowed.join(', ')}]`, `${at}/${field}`);
  }

  target(next: Json, at: string, states: JsonObject | undefined): void {
    if (states === undefined) return;
    if (typeof next !== 'string' || !Object.hasOwn(states, next)) {
      this.fail(`Missing 'Next' target: ${String(next)}`, at, TARGET);
    }
  }

  /** `Assign` of a state, a rule or a catcher: an object whose members are variables. */
  variables(value: Json, at: string): void {
    if (!isObject(value)) {
      this.fail('Expected value of type Object', at);
      return;
    }
    for (const member of Object.keys(value)) {
      const name = member.replace(/\.\$$/, '');
      if (name === 'states') this.fail("The variable 'states' is reserved", at);
      else if (!VARIABLE.test(name) || name.length > VARIABLE_LENGTH_MAX) {
        this.fail(`'${name}' is not the name of a variable`, at);
      }
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
        this.fail(`The value for the field '${name}' must be a valid JSONPath or a valid intrinsic function call`, at);
      }
    }
  }
}
