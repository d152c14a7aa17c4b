import { ServiceError } from './service-error.ts';

/** An item of a list: structures by their members, spelled small as everywhere in these texts. */
const shownItem = (item: unknown): string =>
  typeof item === 'object' && item !== null
    ? `{${Object.entries(item)
        .map(([name, member]) => `${name[0]?.toLowerCase()}${name.slice(1)}=${shownItem(member)}`)
        .join(', ')}}`
    : String(item);

/**
 * Collects violations of a service's model and words them as AWS does:
 * `2 validation errors detected: Value '3' at 'maximumRetryAttempts' failed to satisfy constraint: ...; Value ...`
 *
 * Paths are lower camel case. `null` values read `Value null at 'x'`.
 */
export class Constraints {
  readonly #failures: string[] = [];

  fail(path: string, value: unknown, rule: string): this {
    const shown = value === undefined || value === null ? 'null' : `'${String(value)}'`;
    this.#failures.push(`Value ${shown} at '${path}' failed to satisfy constraint: ${rule}`);
    return this;
  }

  /** Of a value that AWS does not repeat: bytes and secrets. */
  failUnseen(path: string, rule: string): this {
    this.#failures.push(`Value at '${path}' failed to satisfy constraint: ${rule}`);
    return this;
  }

  required(path: string, value: unknown): this {
    return value === undefined || value === null ? this.fail(path, null, 'Member must not be null') : this;
  }

  range(path: string, value: number | undefined, min: number, max: number): this {
    if (value === undefined) return this;
    if (value < min) return this.fail(path, value, `Member must have value greater than or equal to ${min}`);
    if (value > max) return this.fail(path, value, `Member must have value less than or equal to ${max}`);
    return this;
  }

  length(path: string, value: string | readonly unknown[] | undefined, min: number, max: number): this {
    if (value === undefined) return this;
    const shown = typeof value === 'string' ? value : `[${value.map(shownItem).join(', ')}]`;
    if (value.length < min) return this.fail(path, shown, `Member must have length greater than or equal to ${min}`);
    if (value.length > max) return this.fail(path, shown, `Member must have length less than or equal to ${max}`);
    return this;
  }

  /** `pattern` is anchored by the caller; `shown` is the text AWS prints when it differs from the source. */
  pattern(path: string, value: string | undefined, pattern: RegExp, shown: string = pattern.source): this {
    if (value === undefined || pattern.test(value)) return this;
    return this.fail(path, value, `Member must satisfy regular expression pattern: ${shown}`);
  }

  oneOf(path: string, value: string | undefined, allowed: readonly string[]): this {
    if (value === undefined || allowed.includes(value)) return this;
    return this.fail(path, value, `Member must satisfy enum value set: [${allowed.join(', ')}]`);
  }

  /** For lists of enumerated values. AWS prints the list, and the rule of its members as a rule of the list. */
  everyOneOf(path: string, values: readonly string[] | undefined, allowed: readonly string[]): this {
    if (values === undefined || values.every((value) => allowed.includes(value))) return this;
    const rule = `Member must satisfy enum value set: [${allowed.join(', ')}]`;
    return this.fail(
      path,
      `[${values.join(', ')}]`,
      `Member must satisfy constraint: [${rule}, Member must not be null]`,
    );
  }

  /** @throws ServiceError when anything failed */
  check(code = 'ValidationException', members?: Readonly<Record<string, unknown>>): void {
    const count = this.#failures.length;
    if (count === 0) return;
    throw new ServiceError(
      code,
      `${count} validation error${count === 1 ? '' : 's'} detected: ${this.#failures.join('; ')}`,
      400,
      members,
    );
  }
}
