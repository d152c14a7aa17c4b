import { ServiceError } from '@holdfast/engine';
import {
  CBOR_IN_MILLISECONDS,
  CBOR_IN_SECONDS,
  type CborForm,
  cborReaders,
  cborWriters,
  parseCbor,
  writeCbor,
} from '../codec/cbor.ts';
import type { ReaderCompiler } from '../codec/reader.ts';
import type { WriterCompiler } from '../codec/writer.ts';
import type { Destination } from '../service-catalog.ts';
import type { OperationModel, ServiceModel } from '../service-model.ts';
import type { WireRequest, WireResponse } from '../wire.ts';
import { bodyOf, type Fault } from './fault.ts';
import { jsonErrorType } from './json-protocol.ts';
import type { Call, ServiceProtocol } from './protocol.ts';

/** What is around the bytes of a protocol. */
interface Envelope {
  readonly form: CborForm;
  readonly contentType: string;
  /** Headers of every answer. */
  readonly marks: readonly string[];
}

/** Shapes in CBOR, whatever is around them. */
class ShapesInCbor implements ServiceProtocol {
  readonly #service: ServiceModel;
  readonly #envelope: Envelope;
  readonly #readers: ReaderCompiler;
  readonly #writers: WriterCompiler;

  constructor(service: ServiceModel, envelope: Envelope) {
    this.#service = service;
    this.#envelope = envelope;
    this.#readers = cborReaders(envelope.form);
    this.#writers = cborWriters(envelope.form);
  }

  read(request: WireRequest, destination: Destination): Call {
    const name = destination.action ?? '';
    const operation = this.#service.operations.get(name);
    if (operation === undefined) {
      throw new ServiceError('UnknownOperationException', `The operation ${name} is not known to this service.`, 404);
    }
    const value = parseCbor(request.body);
    const input = operation.input.isUnitSchema() ? value : this.#readers.compile(operation.input)(value, name);
    return { operation, input: input as object };
  }

  answer(operation: OperationModel, output: unknown, requestId: string): WireResponse {
    if (output === undefined || operation.output.isUnitSchema()) return this.#response(200, '', requestId);
    const body = writeCbor(this.#writers.compile(operation.output)(output));
    return this.#response(200, body, requestId);
  }

  refuse(fault: Fault, requestId: string): WireResponse {
    const { wire, isQueryCompatible } = this.#service;
    const members =
      fault.model === undefined ? {} : (this.#writers.compile(fault.model.shape)(bodyOf(fault)) as object);
    const body = { __type: jsonErrorType(fault, wire.errorNamespace), ...bodyOf(fault), ...members };
    const refused = this.#response(fault.status, writeCbor(body), requestId);
    if (isQueryCompatible) refused.headers.push('x-amzn-query-error', `${fault.queryCode};${fault.side}`);
    return refused;
  }

  #response(status: number, body: string | Uint8Array, requestId: string): WireResponse {
    const headers = ['x-amzn-RequestId', requestId, ...this.#envelope.marks];
    if (body.length > 0) headers.push('Content-Type', this.#envelope.contentType);
    return { status, headers, body };
  }
}

/** Smithy RPC v2 CBOR: https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html */
export class CborProtocol extends ShapesInCbor {
  constructor(service: ServiceModel) {
    const marks = ['smithy-protocol', 'rpc-v2-cbor'];
    super(service, { form: CBOR_IN_SECONDS, contentType: 'application/cbor', marks });
  }
}

/** Content type of {@link AmzCborProtocol}. */
export const AMZ_CBOR = 'application/x-amz-cbor-1.1';

/** AWS JSON 1.1 in CBOR, which no page describes: the AWS SDK for Java speaks it to Kinesis. */
export class AmzCborProtocol extends ShapesInCbor {
  constructor(service: ServiceModel) {
    super(service, { form: CBOR_IN_MILLISECONDS, contentType: AMZ_CBOR, marks: [] });
  }
}
