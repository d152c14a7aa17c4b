/**
 * What every JavaScript platform has beyond the language, and the pure ring uses: encodings, addresses, copies.
 * Neither a clock nor randomness nor I/O. Only `tsconfig.pure.json` reads it, in the place of Node's types.
 */

declare class TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>;
  encodeInto(text: string, target: Uint8Array): { read: number; written: number };
}

declare class TextDecoder {
  constructor(label?: 'utf-8', options?: { readonly fatal?: boolean; readonly ignoreBOM?: boolean });
  decode(bytes?: Uint8Array): string;
}

declare function atob(base64: string): string;
declare function structuredClone<T>(value: T): T;

declare class URLSearchParams {
  constructor(query?: string);
  get(name: string): string | null;
  getAll(name: string): string[];
  has(name: string): boolean;
  [Symbol.iterator](): IterableIterator<[name: string, value: string]>;
}

declare class URL {
  constructor(url: string, base?: string);
  readonly host: string;
  readonly hostname: string;
  readonly pathname: string;
  readonly protocol: string;
  readonly searchParams: URLSearchParams;
}
