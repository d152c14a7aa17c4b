import type { ParameterTier, ParameterType, Tag } from '@aws-sdk/client-ssm';
import type { Collection, RequestContext, Store } from '../../core/index.ts';
import { parameterNotFound, versionNotFound } from './errors.ts';
import { parameterArn, readReference } from './parameter-name.ts';

export interface StoredVersion {
  readonly arn: string;
  readonly version: number;
  readonly type: ParameterType;
  readonly value: string;
  readonly keyId?: string | undefined;
  readonly allowedPattern?: string | undefined;
  readonly description?: string | undefined;
  readonly tier: ParameterTier;
  readonly dataType: string;
  readonly labels: readonly string[];
  readonly modifiedAt: number;
  readonly modifiedBy: string;
}

export interface StoredParameter {
  readonly arn: string;
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly tags: readonly Tag[];
}

export interface Parameter extends StoredParameter {
  /** Oldest first; never empty. */
  readonly versions: readonly StoredVersion[];
}

/** What a reference with or without selector leads to. */
export interface Found {
  readonly parameter: Parameter;
  readonly version: StoredVersion;
  /** `:3`, as answers repeat it. */
  readonly selector: string | undefined;
}

export const latestOf = ({ versions }: Parameter): StoredVersion => versions[versions.length - 1] as StoredVersion;

/** Position of the first name that is not below `name`. */
const lowerBound = (names: readonly string[], name: string): number => {
  let low = 0;
  let high = names.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((names[middle] as string) < name) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** All parameters of all accounts and regions, by ARN and by name in order. Each version is stored for itself. */
export class ParameterStore {
  readonly #byArn = new Map<string, Parameter>();
  /** Sorted names by account and region. */
  readonly #names = new Map<string, string[]>();
  readonly #storedParameters: Collection<StoredParameter>;
  readonly #storedVersions: Collection<StoredVersion>;

  constructor(store: Store) {
    this.#storedParameters = store.collection('ssm.parameters');
    this.#storedVersions = store.collection('ssm.versions');
    this.#load();
  }

  #load(): void {
    const versions = new Map<string, StoredVersion[]>();
    for (const [, version] of this.#storedVersions.entries()) {
      const known = versions.get(version.arn) ?? [];
      versions.set(version.arn, known);
      known.push(version);
    }
    for (const [arn, stored] of this.#storedParameters.entries()) {
      const sorted = (versions.get(arn) ?? []).sort((a, b) => a.version - b.version);
      if (sorted.length > 0) this.#index({ ...stored, versions: sorted });
    }
  }

  #namesOf({ account, region }: Pick<RequestContext, 'account' | 'region'>): string[] {
    const key = `${account}/${region}`;
    const names = this.#names.get(key) ?? [];
    this.#names.set(key, names);
    return names;
  }

  #index(parameter: Parameter): void {
    const isNew = !this.#byArn.has(parameter.arn);
    this.#byArn.set(parameter.arn, parameter);
    if (!isNew) return;
    const names = this.#namesOf(parameter);
    names.splice(lowerBound(names, parameter.name), 0, parameter.name);
  }

  find(name: string, context: RequestContext): Parameter | undefined {
    return this.#byArn.get(parameterArn(name, context));
  }

  require(name: string, context: RequestContext): Parameter {
    const parameter = this.find(name, context);
    if (parameter === undefined) throw parameterNotFound();
    return parameter;
  }

  /** Follows a name or ARN, with or without a selector. */
  resolve(reference: string, context: RequestContext): Found {
    const { name, selector, owner } = readReference(reference);
    const isOwn = owner === undefined || (owner.account === context.account && owner.region === context.region);
    if (!isOwn) throw parameterNotFound();
    const parameter = this.require(name, context);
    if (selector === undefined) return { parameter, version: latestOf(parameter), selector: undefined };
    const version = parameter.versions.find(
      (each) => String(each.version) === selector || each.labels.includes(selector),
    );
    if (version === undefined) throw versionNotFound(parameter.name, selector);
    return { parameter, version, selector: `:${selector}` };
  }

  /** Adds or replaces; only versions that differ from what is stored are written. */
  put(parameter: Parameter): void {
    const before = this.#byArn.get(parameter.arn);
    const { versions, ...stored } = parameter;
    this.#index(parameter);
    if (before === undefined || before.tags !== parameter.tags) this.#storedParameters.put(parameter.arn, stored);
    const kept = new Set(before?.versions);
    for (const version of versions) {
      if (!kept.delete(version)) this.#storedVersions.put(`${parameter.arn}:${version.version}`, version);
    }
    const current = new Set(versions.map(({ version }) => version));
    for (const { version } of kept) {
      if (!current.has(version)) this.#storedVersions.delete(`${parameter.arn}:${version}`);
    }
  }

  delete(parameter: Parameter): void {
    this.#byArn.delete(parameter.arn);
    const names = this.#namesOf(parameter);
    names.splice(lowerBound(names, parameter.name), 1);
    this.#storedParameters.delete(parameter.arn);
    for (const { version } of parameter.versions) this.#storedVersions.delete(`${parameter.arn}:${version}`);
  }

  count(context: RequestContext): number {
    return this.#namesOf(context).length;
  }

  /** Parameters whose name starts with `prefix`, in order, after the name `after`. */
  *under(prefix: string, context: RequestContext, after?: string): IterableIterator<Parameter> {
    const names = this.#namesOf(context);
    let index = lowerBound(names, after !== undefined && after > prefix ? after : prefix);
    if (after !== undefined && names[index] === after) index += 1;
    for (; index < names.length; index++) {
      const name = names[index] as string;
      if (!name.startsWith(prefix)) return;
      yield this.require(name, context);
    }
  }
}
