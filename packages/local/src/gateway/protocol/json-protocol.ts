import { crc32 } from 'node:zlib';
import { ServiceError } from '@holdfast/engine';
import { jsonReaders, jsonWriters, parseJson } from '../codec/json.ts';
import type { Reader } from '../codec/reader.ts';
import type { Writer } from '../codec/writer.ts';
import type { Destination } from '../service-catalog.ts';
import type { OperationModel, ServiceModel } from '../service-model.ts';
import type { WireRequest, WireResponse } from '../wire.ts';
import { bodyOf, type Fault } from './fault.ts';
import type { Call, ServiceProtocol } from './protocol.ts';

interface CompiledOperation {
  readonly model: OperationModel;
  readonly read: Reader;
  readonly write: Writer;
}

/** Errors that no service models; AWS's framework answers them. */
export const jsonErrorType = (fault: Fault, namespace: string | undefined): string => {
  if (namespace === undefined) return fault.name;
  if (fault.model !== undefined) return `${namespace}#${fault.name}`;
  if (fault.name === 'ValidationException') return 'com.amazon.coral.validate#ValidationException';
  return `com.amazon.coral.service#${fault.name}`;
};

/** AWS JSON 1.0 and 1.1: https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html */
export class JsonProtocol implements ServiceProtocol {
  readonly #service: ServiceModel;
  readonly #readers = jsonReaders();
  readonly #writers = jsonWriters();
  readonly #compiled = new Map<string, CompiledOperation>();
  readonly #contentType: string;
  readonly #addsChecksum: boolean;

  constructor(service: ServiceModel) {
    this.#service = service;
    this.#contentType = `application/x-amz-json-${service.jsonVersion}`;
    this.#addsChecksum = service.id === 'dynamodb';
  }

  read(request: WireRequest, destination: Destination): Call {
    const operation = this.#operation(destination.action ?? '');
    return {
      operation: operation.model,
      input: operation.read(parseJson(request.body), operation.model.name) as object,
    };
  }

  answer(operation: OperationModel, output: unknown, requestId: string, request: WireRequest): WireResponse {
    // Operations without output answer an empty body, as AWS does.
    const isEmpty = output === undefined || operation.output.isUnitSchema();
    const body = isEmpty ? '' : JSON.stringify(this.#operation(operation.name).write(output));
    return this.#response(200, body, requestId, request);
  }

  refuse(fault: Fault, requestId: string, request: WireRequest): WireResponse {
    const { wire, isQueryCompatible } = this.#service;
    const members =
      fault.model === undefined ? {} : (this.#writers.compile(fault.model.shape)(bodyOf(fault)) as object);
    const body = { __type: jsonErrorType(fault, wire.errorNamespace), ...bodyOf(fault), ...members };
    const response = this.#response(fault.status, JSON.stringify(body), requestId, request);
    if (isQueryCompatible) response.headers.push('x-amzn-query-error', `${fault.queryCode};${fault.side}`);
    return response;
  }

  #response(status: number, body: string, requestId: string, request: WireRequest): WireResponse {
    const asked = request.headers['content-type'];
    const contentType = asked?.startsWith('application/x-amz-json-1.') ? asked : this.#contentType;
    const headers = ['x-amzn-RequestId', requestId, 'Content-Type', contentType];
    if (!this.#addsChecksum) return { status, headers, body };
    const bytes = Buffer.from(body);
    headers.push('x-amz-crc32', String(crc32(bytes)));
    return { status, headers, body: bytes };
  }

  #operation(name: string): CompiledOperation {
    const compiled = this.#compiled.get(name);
    if (compiled !== undefined) return compiled;
    const model = this.#service.operations.get(name);
    if (model === undefined) {
      throw new ServiceError('UnknownOperationException', `The operation ${name} is not known to this service.`);
    }
    const fresh: CompiledOperation = {
      model,
      read: model.input.isUnitSchema() ? (value) => value : this.#readers.compile(model.input),
      write: this.#writers.compile(model.output),
    };
    this.#compiled.set(name, fresh);
    return fresh;
  }
}
