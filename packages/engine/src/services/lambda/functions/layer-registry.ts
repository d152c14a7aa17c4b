import { makeArn } from '@holdfast/aws-model';
import type { Collection, RequestContext, Store } from '../../../core/index.ts';
import type { StoredCode } from './function-record.ts';

/** One published version of a layer; never changed. */
export interface LayerVersionRecord {
  readonly version: number;
  readonly description: string;
  readonly createdAt: number;
  readonly compatibleRuntimes: readonly string[] | undefined;
  readonly compatibleArchitectures: readonly string[] | undefined;
  readonly licenseInfo: string | undefined;
  readonly content: Extract<StoredCode, { kind: 'zip' }>;
}

/** A layer with its versions; it stays, empty, when all of them are deleted, because numbers are not given twice. */
export interface LayerRecord {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly arn: string;
  readonly lastVersionNumber: number;
  /** Oldest first. */
  readonly versions: readonly LayerVersionRecord[];
}

/** ARN of a layer, without a version. */
export const layerArn = (account: string, region: string, name: string): string =>
  makeArn('lambda', region, account, `layer:${name}`);

/** All layers, by ARN without version; every change is written through. */
export class LayerRegistry {
  readonly #records = new Map<string, LayerRecord>();
  readonly #stored: Collection<LayerRecord>;

  constructor(store: Store) {
    this.#stored = store.collection<LayerRecord>('lambda.layers');
    for (const [key, record] of this.#stored.entries()) this.#records.set(key, record);
  }

  get(layer: string): LayerRecord | undefined {
    return this.#records.get(layer);
  }

  versionOf(layer: string, version: number): LayerVersionRecord | undefined {
    return this.#records.get(layer)?.versions.find((candidate) => candidate.version === version);
  }

  all(): IterableIterator<LayerRecord> {
    return this.#records.values();
  }

  /** Layers of one account and region by name, as lists show them. */
  of(context: Pick<RequestContext, 'account' | 'region'>): LayerRecord[] {
    return [...this.#records.values()]
      .filter((record) => record.account === context.account && record.region === context.region)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  save(record: LayerRecord): void {
    this.#records.set(record.arn, record);
    this.#stored.put(record.arn, record);
  }
}
