import { ServiceError } from '@holdfast/engine';
import { cborReaders, cborWriters, parseCbor, writeCbor } from '../codec/cbor.ts';
import type { Destination } from '../service-catalog.ts';
import type { OperationModel, ServiceModel } from '../service-model.ts';
import type { WireRequest, WireResponse } from '../wire.ts';
import { bodyOf, type Fault } from './fault.ts';
import { jsonErrorType } from './json-protocol.ts';
import type { Call, ServiceProtocol } from './protocol.ts';

/** Smithy RPC v2 CBOR: https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html */
export class CborProtocol implements ServiceProtocol {
  readonly #service: ServiceModel;
  readonly #readers = cborReaders();
  readonly #writers = cborWriters();

  constructor(service: ServiceModel) {
    this.#service = service;
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
    if (output === undefined || operation.output.isUnitSchema()) return response(200, '', requestId);
    return response(200, writeCbor(present(this.#writers.compile(operation.output)(output))), requestId);
  }

  refuse(fault: Fault, requestId: string): WireResponse {
    const { entry } = this.#service;
    const members =
      fault.model === undefined ? {} : (this.#writers.compile(fault.model.shape)(bodyOf(fault)) as object);
    const body = { __type: jsonErrorType(fault, entry.errorNamespace), ...bodyOf(fault), ...members };
    const refused = response(fault.status, writeCbor(present(body)), requestId);
    if (entry.isQueryCompatible) refused.headers.push('x-amzn-query-error', `${fault.queryCode};${fault.side}`);
    return refused;
  }
}

const response = (status: number, body: string | Uint8Array, requestId: string): WireResponse => {
  const headers = ['x-amzn-RequestId', requestId, 'smithy-protocol', 'rpc-v2-cbor'];
  if (body.length > 0) headers.push('Content-Type', 'application/cbor');
  return { status, headers, body };
};

/** Without members that are `undefined`: CBOR would write them. */
const present = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(present);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  // Tags carry a symbol and must stay the objects they are.
  if (Object.getOwnPropertySymbols(value).length > 0) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([name, member]) => [name, present(member)]),
  );
};
