import { ServiceError } from '@holdfast/engine';
import { jsonReaders, jsonWriters, parseJson } from '../codec/json.ts';
import { jsonNameOf, membersOf, type Shape } from '../codec/shape.ts';
import type { OperationModel, ServiceModel } from '../service-model.ts';
import type { WireRequest, WireResponse } from '../wire.ts';
import { bodyOf, type Fault } from './fault.ts';
import { httpBindingsOf } from './http-bindings.ts';
import type { Call, ServiceProtocol } from './protocol.ts';
import { type DocumentCodec, headersOf, parseQuery, RestMessages } from './rest-messages.ts';
import { type RouteQuestion, RouteTable } from './route-table.ts';

/** REST-JSON 1, the protocol of Lambda: https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html */
export class RestJsonProtocol implements ServiceProtocol {
  readonly #routes: RouteTable;
  readonly #writers = jsonWriters(jsonNameOf);
  readonly #messages: RestMessages;

  constructor(service: ServiceModel) {
    this.#routes = new RouteTable(service.operations.values());
    const readers = jsonReaders(jsonNameOf);
    const write = (shape: Shape, value: object): string => JSON.stringify(this.#writers.compile(shape)(value));
    const codec: DocumentCodec = {
      contentType: 'application/json',
      bytesContentType: 'application/json',
      read: (shape, body) => readers.compile(shape)(parseJson(body), shape.getName() ?? '') as Record<string, unknown>,
      write: (output, isInBody, value) => {
        const elsewhere = membersOf(output).filter(([, member]) => !isInBody(member));
        if (elsewhere.length === 0) return write(output, value);
        const inBody: Record<string, unknown> = { ...value };
        for (const [name] of elsewhere) delete inBody[name];
        return write(output, inBody);
      },
      writePayload: write,
    };
    this.#messages = new RestMessages(codec);
  }

  read(request: WireRequest): Call {
    const query = parseQuery(request.query);
    const segments = request.path.split('/').filter((part) => part !== '');
    const question: RouteQuestion = {
      method: request.method,
      segments,
      query,
      hasHeader: (name) => request.headers[name] !== undefined,
    };
    const match = this.#routes.match(question) ?? this.#routes.match({ ...question, forgivesMissingQuery: true });
    if (match === undefined) {
      throw new ServiceError(
        'UnknownOperationException',
        `No operation answers ${request.method} ${request.path}`,
        404,
      );
    }
    return { operation: match.operation, input: this.#messages.read(match.operation, request, match.labels, query) };
  }

  answer(operation: OperationModel, output: unknown, requestId: string): WireResponse {
    const { status, headers, body } = this.#messages.answer(operation, output);
    return { status, headers: ['x-amzn-RequestId', requestId, ...headers], body };
  }

  refuse(fault: Fault, requestId: string): WireResponse {
    const headers = ['x-amzn-RequestId', requestId, 'Content-Type', 'application/json', 'x-amzn-ErrorType', fault.name];
    const body = bodyOf(fault);
    if (fault.model === undefined) return { status: fault.status, headers, body: JSON.stringify(body) };
    const bindings = httpBindingsOf(fault.model.shape);
    headers.push(...headersOf(bindings, body));
    for (const { name } of bindings.headers) delete body[name];
    return {
      status: fault.status,
      headers,
      body: JSON.stringify(this.#writers.compile(fault.model.shape)(body)),
    };
  }
}
