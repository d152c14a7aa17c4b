import { ServiceError } from '@holdfast/engine';
import { type QueryReader, QueryReaderCompiler, queryTreeOf } from '../codec/query.ts';
import { type QueryJsonWriter, queryJsonWriter } from '../codec/query-json.ts';
import { membersOf } from '../codec/shape.ts';
import { escapeXml, type XmlWriter, XmlWriterCompiler } from '../codec/xml.ts';
import type { OperationModel, ServiceModel } from '../service-model.ts';
import { headerOf, type WireRequest, type WireResponse } from '../wire.ts';
import type { Fault } from './fault.ts';
import type { Call, ServiceProtocol } from './protocol.ts';

/** Parameters of the envelope: they belong to no operation. */
const ENVELOPE =
  /^(?:Action|Version|X-Amz-.*|AWSAccessKeyId|Signature|SignatureMethod|SignatureVersion|Timestamp|SecurityToken|Expires)$/i;

/** SQS actions that a queue's own URL does not take. `GetQueueUrl` it does take. */
const ACCOUNT_ACTIONS: ReadonlySet<string> = new Set(['CreateQueue', 'ListQueues']);

interface CompiledOperation {
  readonly model: OperationModel;
  readonly read: QueryReader;
  readonly write: XmlWriter | undefined;
  readonly takesQueueUrl: boolean;
  /** SQS only, made when first asked for. */
  writeJson: QueryJsonWriter | undefined;
}

/** AWS Query: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html */
export class QueryProtocol implements ServiceProtocol {
  readonly #service: ServiceModel;
  readonly #readers = new QueryReaderCompiler();
  readonly #writers = new XmlWriterCompiler();
  readonly #compiled = new Map<string, CompiledOperation>();

  constructor(service: ServiceModel) {
    this.#service = service;
  }

  read(request: WireRequest): Call {
    const parameters = parametersOf(request);
    const action = parameters.find(([name]) => name === 'Action')?.[1];
    const isSqs = this.#service.id === 'sqs';
    if (isSqs && action === undefined && request.method === 'GET') throw unknownOperation();
    const isQueuePath = isSqs && this.#isOwnPath(request);
    if (isQueuePath && action !== undefined && ACCOUNT_ACTIONS.has(action)) throw this.#invalidAction(action);
    const operation = this.#operation(action);
    const tree = queryTreeOf(parameters.filter(([name]) => !ENVELOPE.test(name)));
    const input = operation.read(tree, operation.model.name) as Record<string, unknown>;
    // The queue's own URL stands for its name.
    if (isQueuePath && operation.takesQueueUrl && input['QueueUrl'] === undefined) {
      input['QueueUrl'] = `http://${request.host ?? 'localhost'}${request.path}`;
    }
    return { operation: operation.model, input };
  }

  answer(operation: OperationModel, output: unknown, requestId: string, request: WireRequest): WireResponse {
    const { name } = operation;
    const compiled = this.#operation(name);
    if (this.#wantsJson(request)) return jsonAnswer(compiled, output, requestId);
    const content = compiled.write?.(output ?? {});
    const result =
      content === undefined ? '' : content === '' ? `<${name}Result/>` : `<${name}Result>${content}</${name}Result>`;
    const { xmlNamespace } = this.#service;
    const body =
      `<?xml version="1.0"?>\n<${name}Response xmlns="${xmlNamespace}">${result}` +
      `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${name}Response>`;
    return { status: 200, headers: ['x-amzn-RequestId', requestId, 'Content-Type', 'text/xml'], body };
  }

  refuse(fault: Fault, requestId: string, request: WireRequest): WireResponse {
    if (fault.name === UNKNOWN_OPERATION) return unknownOperationAnswer(requestId);
    const worded = this.#worded(fault);
    if (this.#wantsJson(request)) return jsonRefusal(worded, requestId);
    return queryRefusal(worded, requestId, this.#service.xmlNamespace);
  }

  /** SQS clients may post to a queue's own URL. */
  #isOwnPath({ path }: WireRequest): boolean {
    const { paths } = this.#service.wire;
    return paths instanceof RegExp && paths.test(path);
  }

  #wantsJson(request: WireRequest): boolean {
    return this.#service.id === 'sqs' && headerOf(request, 'accept')?.includes('application/json') === true;
  }

  /** SQS words one error differently in this protocol. */
  #worded(fault: Fault): Fault {
    return this.#service.id === 'sqs' && fault.name === 'QueueDoesNotExist'
      ? { ...fault, message: 'The specified queue does not exist for this wsdl version.' }
      : fault;
  }

  #operation(name: string | undefined): CompiledOperation {
    if (name === undefined) throw new ServiceError('MissingAction', 'The request is missing an action parameter.');
    const compiled = this.#compiled.get(name);
    if (compiled !== undefined) return compiled;
    const model = this.#service.operations.get(name);
    if (model === undefined) throw this.#invalidAction(name);
    const fresh: CompiledOperation = {
      model,
      read: model.input.isUnitSchema() ? () => ({}) : this.#readers.compile(model.input),
      write: model.output.isUnitSchema() ? undefined : this.#writers.content(model.output),
      takesQueueUrl: membersOf(model.input).some(([member]) => member === 'QueueUrl'),
      writeJson: undefined,
    };
    this.#compiled.set(name, fresh);
    return fresh;
  }

  #invalidAction(name: string): ServiceError {
    const where = this.#service.id === 'sqs' ? 'endpoint' : 'web service';
    return new ServiceError('InvalidAction', `The action ${name} is not valid for this ${where}.`);
  }
}

const UNKNOWN_OPERATION = 'UnknownOperationException';

/** SQS answers a browser that opens a queue's URL like this. */
const unknownOperation = (): ServiceError => new ServiceError(UNKNOWN_OPERATION, 'The request names no action.', 404);

const unknownOperationAnswer = (requestId: string): WireResponse => ({
  status: 404,
  headers: ['x-amzn-RequestId', requestId, 'Content-Type', 'text/xml'],
  body: `<${UNKNOWN_OPERATION}/>\n`,
});

const jsonAnswer = (operation: CompiledOperation, output: unknown, requestId: string): WireResponse => {
  const { name, output: shape } = operation.model;
  const response: Record<string, unknown> = { ResponseMetadata: { RequestId: requestId } };
  if (operation.write !== undefined) {
    operation.writeJson ??= queryJsonWriter(shape);
    response[`${name}Result`] = operation.writeJson(output ?? {});
  }
  return jsonResponse(200, { [`${name}Response`]: response }, requestId);
};

const jsonRefusal = (fault: Fault, requestId: string): WireResponse =>
  jsonResponse(
    fault.status,
    { Error: { Code: fault.queryCode, Message: fault.message, Type: fault.side }, RequestId: requestId },
    requestId,
  );

const jsonResponse = (status: number, body: object, requestId: string): WireResponse => ({
  status,
  headers: ['x-amzn-RequestId', requestId, 'Content-Type', 'application/json'],
  body: JSON.stringify(body),
});

/** The query string's parameters, then those of the form. */
const parametersOf = (request: WireRequest): [string, string][] => [
  ...new URLSearchParams(request.query),
  ...new URLSearchParams(request.body.toString('utf8')),
];

const queryRefusal = (fault: Fault, requestId: string, xmlNamespace: string): WireResponse => {
  const members = Object.entries(fault.members)
    .filter(([name, value]) => /^[A-Za-z]\w*$/.test(name) && !/^message$/i.test(name) && typeof value !== 'object')
    .map(([name, value]) => `<${name}>${escapeXml(String(value))}</${name}>`)
    .join('');
  const message = fault.members['Message'] ?? fault.message;
  const text = message === '' ? '' : `<Message>${escapeXml(String(message))}</Message>`;
  const detail = xmlNamespace.startsWith('http://queue.') ? '<Detail/>' : '';
  const body =
    `<?xml version="1.0"?>\n<ErrorResponse xmlns="${xmlNamespace}"><Error><Type>${fault.side}</Type>` +
    `<Code>${escapeXml(fault.queryCode)}</Code>${text}${members}${detail}</Error>` +
    `<RequestId>${requestId}</RequestId></ErrorResponse>`;
  return { status: fault.status, headers: ['x-amzn-RequestId', requestId, 'Content-Type', 'text/xml'], body };
};
