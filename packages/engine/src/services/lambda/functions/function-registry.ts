import type { Collection, RequestContext, Store } from '../../../core/index.ts';
import { functionNotFound } from '../errors.ts';
import { type FunctionLocator, locate, parseLocator, qualifiedArn } from '../names.ts';
import { type FunctionRecord, LATEST, type VersionRecord } from './function-record.ts';

/** A function and the version that a qualifier stands for at this moment. */
export interface ResolvedFunction {
  readonly record: FunctionRecord;
  readonly version: VersionRecord;
  /** As the caller gave it. */
  readonly qualifier: string | undefined;
}

/** All functions, by unqualified ARN; every change is written through. */
export class FunctionRegistry {
  readonly #records = new Map<string, FunctionRecord>();
  readonly #stored: Collection<FunctionRecord>;

  constructor(store: Store) {
    this.#stored = store.collection<FunctionRecord>('lambda.functions');
    for (const [arn, record] of this.#stored.entries()) this.#records.set(arn, record);
  }

  get(arn: string): FunctionRecord | undefined {
    return this.#records.get(arn);
  }

  all(): IterableIterator<FunctionRecord> {
    return this.#records.values();
  }

  /** Functions of one account and region by name, as lists show them. */
  of(context: RequestContext): FunctionRecord[] {
    return [...this.#records.values()]
      .filter((record) => record.account === context.account && record.region === context.region)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  save(record: FunctionRecord): void {
    this.#records.set(record.arn, record);
    this.#stored.put(record.arn, record);
  }

  delete(arn: string): void {
    this.#records.delete(arn);
    this.#stored.delete(arn);
  }

  /** The version behind a qualifier; `undefined` when there is no such alias or version. */
  versionOf(record: FunctionRecord, qualifier: string | undefined): VersionRecord | undefined {
    if (qualifier === undefined || qualifier === LATEST) return record.latest;
    const version = Object.hasOwn(record.aliases, qualifier) ? record.aliases[qualifier]?.version : qualifier;
    if (version === LATEST) return record.latest;
    return record.versions.find((candidate) => candidate.version === version);
  }

  /** What a full ARN means, for work inside the engine. */
  resolveArn(arn: string): ResolvedFunction | undefined {
    const locator = parseLocator(arn, '', '');
    const record = locator === undefined ? undefined : this.#records.get(locator.arn);
    if (locator === undefined || record === undefined) return undefined;
    const version = this.versionOf(record, locator.qualifier);
    return version === undefined ? undefined : { record, version, qualifier: locator.qualifier };
  }

  /** @throws ServiceError 404 naming the ARN with the qualifier that the caller gave */
  require(locator: FunctionLocator): ResolvedFunction {
    const record = this.#records.get(locator.arn);
    const version = record === undefined ? undefined : this.versionOf(record, locator.qualifier);
    if (record === undefined || version === undefined) {
      throw functionNotFound(qualifiedArn(locator.arn, locator.qualifier));
    }
    return { record, version, qualifier: locator.qualifier };
  }

  /** {@link locate} and {@link require} in one. */
  resolve(
    functionName: string | undefined,
    qualifier: string | undefined,
    context: RequestContext,
    lengthMax?: number,
  ): ResolvedFunction {
    return this.require(locate(functionName, qualifier, context, lengthMax));
  }
}
