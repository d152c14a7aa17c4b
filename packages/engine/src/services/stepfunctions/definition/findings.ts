import type { Json, JsonObject } from '../../../core/index.ts';
import { isIntrinsic } from '../language/intrinsic.ts';
import { isPath } from '../language/json-path.ts';
import type { Diagnostic } from './diagnostics.ts';

export const SCHEMA = 'SCHEMA_VALIDATION_FAILED';
export const TARGET = 'MISSING_TRANSITION_TARGET';

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isDynamic = (text: string): boolean => (text.startsWith('$') ? isPath(text) : isIntrinsic(text));

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
