import type { FunctionRecord, FunctionUrlRecord } from '../functions/function-record.ts';
import { LATEST } from '../functions/function-record.ts';
import type { FunctionRegistry } from '../functions/function-registry.ts';

/** What a URL leads to. */
export interface UrlTarget {
  readonly record: FunctionRecord;
  /** Alias; `undefined` for the function itself. */
  readonly qualifier: string | undefined;
  readonly url: FunctionUrlRecord;
}

/** Functions by the ids of their URLs. The configurations themselves are kept with the functions. */
export class UrlRegistry {
  readonly #registry: FunctionRegistry;
  readonly #places = new Map<string, { readonly functionArn: string; readonly key: string }>();

  constructor(registry: FunctionRegistry) {
    this.#registry = registry;
    for (const record of registry.all()) {
      for (const [key, { urlId }] of Object.entries(record.urls ?? {})) {
        this.#places.set(urlId, { functionArn: record.arn, key });
      }
    }
  }

  put(record: FunctionRecord, key: string, url: FunctionUrlRecord): void {
    record.urls = { ...record.urls, [key]: url };
    this.#places.set(url.urlId, { functionArn: record.arn, key });
    this.#registry.save(record);
  }

  delete(record: FunctionRecord, key: string): void {
    const { [key]: gone, ...others } = record.urls ?? {};
    record.urls = others;
    if (gone !== undefined) this.#places.delete(gone.urlId);
    this.#registry.save(record);
  }

  find(urlId: string): UrlTarget | undefined {
    const place = this.#places.get(urlId);
    const record = place === undefined ? undefined : this.#registry.get(place.functionArn);
    const url = place === undefined ? undefined : record?.urls?.[place.key];
    // Another function of the same name may be there by now.
    if (place === undefined || record === undefined || url?.urlId !== urlId) return undefined;
    return { record, qualifier: place.key === LATEST ? undefined : place.key, url };
  }
}
