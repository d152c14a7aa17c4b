import type { Shape } from '../codec/shape.ts';
import type { OperationModel } from '../service-model.ts';
import { headerOf, type WireRequest } from '../wire.ts';
import { type HttpBindings, headerText, httpBindingsOf, type RefuseText } from './http-bindings.ts';

/** Query parameters by name, each with all its values. */
export type Query = ReadonlyMap<string, readonly string[]>;

export const parseQuery = (text: string): Query => {
  const query = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(text)) {
    const values = query.get(name);
    if (values === undefined) query.set(name, [value]);
    else values.push(value);
  }
  return query;
};

/** Reads documents and payload structures of one REST protocol, and writes them. */
export interface DocumentCodec {
  readonly contentType: string;
  /** Of bodies that are bytes, unless the output says otherwise. */
  readonly bytesContentType: string;
  /** Members of `shape` from the document in the body. */
  read(shape: Shape, body: Buffer): Record<string, unknown>;
  /** The document that holds the members of an output that have no other place. */
  write(output: Shape, isInBody: (member: Shape) => boolean, value: object): string;
  /** Refuses a header or a parameter that its member cannot hold; in the words of JSON unless given. */
  readonly refuseText?: RefuseText;
  /** A structure bound to the whole body. */
  writePayload(member: Shape, value: object): string;
}

export interface RestAnswer {
  readonly status: number;
  readonly headers: string[];
  readonly body: string | Uint8Array;
}

interface Compiled {
  readonly input: HttpBindings;
  readonly output: HttpBindings;
}

/** Moves members between HTTP messages and plain inputs and outputs, for both REST protocols. */
export class RestMessages {
  readonly #codec: DocumentCodec;
  readonly #compiled = new Map<OperationModel, Compiled>();

  constructor(codec: DocumentCodec) {
    this.#codec = codec;
  }

  read(
    operation: OperationModel,
    request: WireRequest,
    labels: Readonly<Record<string, string>>,
    query: Query,
  ): Record<string, unknown> {
    const bindings = this.#bindings(operation).input;
    const input = bindings.hasBody && request.body.length > 0 ? this.#codec.read(operation.input, request.body) : {};
    for (const { name, read } of bindings.labels) {
      const text = labels[name];
      if (text !== undefined) input[name] = read([text]);
    }
    for (const { name, wireName, read } of bindings.queries) {
      const texts = query.get(wireName);
      if (texts !== undefined) input[name] = read(texts);
    }
    for (const { name, wireName, read } of bindings.headers) {
      const text = headerOf(request, wireName);
      if (text !== undefined) input[name] = read([text]);
    }
    if (bindings.prefixHeaders !== undefined) {
      const { name, prefix } = bindings.prefixHeaders;
      const found = Object.keys(request.headers).filter((header) => header.startsWith(prefix));
      if (found.length > 0) {
        input[name] = Object.fromEntries(
          found.map((header) => [header.slice(prefix.length), headerOf(request, header) ?? '']),
        );
      }
    }
    this.#readPayload(bindings, request, input);
    return input;
  }

  #readPayload({ payload }: HttpBindings, request: WireRequest, input: Record<string, unknown>): void {
    if (payload === undefined) return;
    const { name, shape } = payload;
    // A stream that is empty is still there: an object of no bytes.
    if (shape.isBlobSchema() && (request.body.length > 0 || shape.isStreaming())) input[name] = request.body;
    else if (request.body.length === 0) return;
    else if (shape.isStringSchema()) input[name] = request.body.toString('utf8');
    else input[name] = this.#codec.read(shape, request.body);
  }

  answer(operation: OperationModel, value: unknown): RestAnswer {
    const bindings = this.#bindings(operation).output;
    const output = (value ?? {}) as Record<string, unknown>;
    const headers = headersOf(bindings, output);
    const bound = bindings.statusCode === undefined ? undefined : output[bindings.statusCode];
    const status = typeof bound === 'number' ? bound : (operation.http?.[2] ?? 200);
    const body = this.#body(operation, bindings, output);
    if (body.length > 0 && !headers.includes('content-type')) {
      headers.push('content-type', this.#contentType(bindings));
    }
    return { status, headers, body };
  }

  #body(operation: OperationModel, bindings: HttpBindings, output: Record<string, unknown>): string | Uint8Array {
    if (bindings.payload !== undefined) {
      const { name, shape } = bindings.payload;
      const payload = output[name];
      if (payload === undefined || payload === null) return '';
      if (typeof payload === 'string' || payload instanceof Uint8Array) return payload;
      return this.#codec.writePayload(shape, payload as object);
    }
    return bindings.hasBody ? this.#codec.write(operation.output, bindings.isInBody, output) : '';
  }

  #contentType({ payload }: HttpBindings): string {
    if (payload?.shape.isBlobSchema()) return this.#codec.bytesContentType;
    return payload?.shape.isStringSchema() ? 'application/json' : this.#codec.contentType;
  }

  #bindings(operation: OperationModel): Compiled {
    const known = this.#compiled.get(operation);
    if (known !== undefined) return known;
    const compiled = {
      input: httpBindingsOf(operation.input, this.#codec.refuseText),
      output: httpBindingsOf(operation.output),
    };
    this.#compiled.set(operation, compiled);
    return compiled;
  }
}

/** Header members of an output or an error; `Content-Length` is the transport's, except for HEAD. */
export const headersOf = (bindings: HttpBindings, output: Readonly<Record<string, unknown>>): string[] => {
  const headers: string[] = [];
  for (const { name, wireName, write } of bindings.headers) {
    const member = output[name];
    if (member === undefined || member === null) continue;
    const text = write(member);
    if (text !== undefined) headers.push(wireName, text);
  }
  if (bindings.prefixHeaders !== undefined) {
    const { name, prefix } = bindings.prefixHeaders;
    for (const [key, text] of Object.entries((output[name] ?? {}) as Record<string, unknown>)) {
      headers.push(prefix + key.toLowerCase(), headerText(String(text)));
    }
  }
  return headers;
};
