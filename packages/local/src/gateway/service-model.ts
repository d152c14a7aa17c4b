import type { ServiceDescriptor, WireFacts } from '@holdfast/engine';
import { type Shape, shapeOf } from './codec/shape.ts';

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

/** Operations and errors of one service as its SDK package describes them, and how it speaks. */
export interface ServiceModel {
  /** Key of the service in the engine. */
  readonly id: string;
  readonly wire: WireFacts;
  readonly jsonVersion: '1.0' | '1.1';
  readonly xmlNamespace: string;
  /** JSON and CBOR errors also carry the code of the Query protocol. */
  readonly isQueryCompatible: boolean;
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

/** What an SDK package says of its own protocol: the settings of a client that is never used. */
export interface SdkFacts {
  /** E.g. `aws.protocols#awsJson1_0`. */
  readonly protocol: string;
  readonly target: string;
  readonly apiVersion: string;
  readonly signingName: string | undefined;
  readonly xmlNamespace: string | undefined;
  readonly isQueryCompatible: boolean;
}

interface SdkClient {
  readonly config: {
    readonly protocol: { getShapeId(): string };
    readonly protocolSettings: {
      readonly serviceTarget: string;
      readonly version: string;
      readonly xmlNamespace?: string;
      readonly awsQueryCompatible?: boolean;
    };
    httpAuthSchemeProvider(parameters: object): readonly { readonly signingProperties?: { readonly name?: string } }[];
  };
}

const isClient = (name: string): boolean => /^(?!__)\w+Client$/.test(name);

export const sdkFactsOf = (sdk: object): SdkFacts => {
  const [, Client] = Object.entries(sdk).find(([name]) => isClient(name)) ?? [];
  const region = 'us-east-1';
  const { config } = new Client({ region, credentials: { accessKeyId: '-', secretAccessKey: '-' } }) as SdkClient;
  const { serviceTarget, version, xmlNamespace, awsQueryCompatible = false } = config.protocolSettings;
  const [scheme] = config.httpAuthSchemeProvider({ operation: '', region, Region: region });
  return {
    protocol: config.protocol.getShapeId(),
    target: serviceTarget,
    apiVersion: version,
    signingName: scheme?.signingProperties?.name,
    xmlNamespace,
    isQueryCompatible: awsQueryCompatible,
  };
};

export const modelOf = ({ id, wire }: Pick<ServiceDescriptor, 'id' | 'wire'>, sdk: object): ServiceModel => {
  const facts = sdkFactsOf(sdk);
  return {
    id,
    wire,
    jsonVersion: facts.protocol.endsWith('#awsJson1_0') ? '1.0' : '1.1',
    xmlNamespace: wire.xmlNamespace ?? facts.xmlNamespace ?? '',
    isQueryCompatible: facts.isQueryCompatible,
    ...schemasOf(sdk),
  };
};

const schemasOf = (sdk: object): Pick<ServiceModel, 'operations' | 'errors'> => {
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
  return { operations, errors };
};
