import { type Shape, shapeOf } from './codec/shape.ts';
import type { CatalogEntry } from './service-catalog.ts';

export interface OperationModel {
  readonly name: string;
  readonly input: Shape;
  readonly output: Shape;
  /** Method, URI template and status of REST operations. */
  readonly http: readonly [method: string, uri: string, status: number] | undefined;
}

export interface ErrorModel {
  readonly name: string;
  readonly shape: Shape;
  readonly status: number | undefined;
  /** Code in the Query protocol where it differs from the name. */
  readonly queryCode: string | undefined;
}

/** Operations and errors of one service as its SDK package describes them. */
export interface ServiceModel {
  readonly entry: CatalogEntry;
  readonly operations: ReadonlyMap<string, OperationModel>;
  readonly errors: ReadonlyMap<string, ErrorModel>;
}

/** `[9, namespace, name, traits, input, output]` is an operation, `[-3, namespace, name, traits, ...]` an error. */
const OPERATION = 9;
const ERROR = -3;

interface Traits {
  readonly http?: readonly [string, string, number];
  readonly httpError?: number;
  readonly awsQueryError?: readonly [code: string, status: number];
}

const traitsOf = (schema: readonly unknown[]): Traits =>
  typeof schema[3] === 'object' && schema[3] !== null ? (schema[3] as Traits) : {};

const dereference = (reference: unknown): unknown => (typeof reference === 'function' ? reference() : reference);

export const modelOf = (entry: CatalogEntry, sdk: object): ServiceModel => {
  const operations = new Map<string, OperationModel>();
  const errors = new Map<string, ErrorModel>();
  for (const [exportName, schema] of Object.entries(sdk)) {
    if (!exportName.endsWith('$') || !Array.isArray(schema)) continue;
    const name = schema[2] as string;
    const traits = traitsOf(schema);
    if (schema[0] === OPERATION) {
      const [input, output] = [shapeOf(dereference(schema[4])), shapeOf(dereference(schema[5]))];
      operations.set(name, { name, input, output, http: traits.http });
    } else if (schema[0] === ERROR && !String(schema[1]).startsWith('smithy.ts.sdk.synthetic')) {
      const [queryCode, queryStatus] = traits.awsQueryError ?? [];
      errors.set(name, { name, shape: shapeOf(schema), status: traits.httpError ?? queryStatus, queryCode });
    }
  }
  return { entry, operations, errors };
};
