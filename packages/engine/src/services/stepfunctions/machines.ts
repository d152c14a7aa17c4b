import type { EpochMs } from '@holdfast/kernel';
import type { Collection, Store } from '../../core/index.ts';
import type { MachineType } from './running/execution.ts';

export interface LoggingSettings {
  readonly level: 'ALL' | 'ERROR' | 'FATAL' | 'OFF';
  readonly includeExecutionData: boolean;
  /** ARN of a log group, with its `:*`. */
  readonly groupArn?: string | undefined;
  /** The list of destinations was given, and is empty. */
  readonly isListed?: boolean | undefined;
}

/** What an execution is started with; stays as it is while executions or versions refer to it. */
export interface Revision {
  readonly revisionId: string;
  readonly definition: string;
  readonly roleArn: string;
  readonly logging: LoggingSettings;
  readonly isTraced: boolean;
  /** The first revision of a machine has no name that anybody is told. */
  readonly isFirst: boolean;
  readonly at: EpochMs;
}

export interface StoredVersion {
  readonly number: number;
  readonly revisionId: string;
  readonly description?: string | undefined;
  readonly createdAt: EpochMs;
}

export interface StoredMachine {
  readonly arn: string;
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly type: MachineType;
  readonly createdAt: EpochMs;
  readonly revision: Revision;
  readonly versions: readonly StoredVersion[];
  readonly versionsEver: number;
  readonly tags: Readonly<Record<string, string>>;
}

export interface StoredAlias {
  readonly arn: string;
  readonly name: string;
  readonly machineArn: string;
  readonly description?: string | undefined;
  readonly routes: readonly { readonly versionArn: string; readonly weight: number }[];
  readonly createdAt: EpochMs;
  readonly updatedAt: EpochMs;
}

export interface StoredActivity {
  readonly arn: string;
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly createdAt: EpochMs;
  readonly tags: Readonly<Record<string, string>>;
}

/** A map that writes itself through to a collection. */
export class Table<Value extends { readonly arn: string }> {
  readonly #rows = new Map<string, Value>();
  readonly #collection: Collection<Value>;

  constructor(store: Store, name: string) {
    this.#collection = store.collection<Value>(name);
    for (const [key, value] of this.#collection.entries()) this.#rows.set(key, value);
  }

  get(arn: string): Value | undefined {
    return this.#rows.get(arn);
  }

  put(value: Value): void {
    this.#rows.set(value.arn, value);
    this.#collection.put(value.arn, value);
  }

  delete(arn: string): void {
    this.#rows.delete(arn);
    this.#collection.delete(arn);
  }

  values(): IterableIterator<Value> {
    return this.#rows.values();
  }
}

export const versionArn = (machine: StoredMachine, number: number): string => `${machine.arn}:${number}`;
