import { ServiceError } from '@holdfast/engine';
import { type QueryReader, QueryReaderCompiler, queryTreeOf } from '../codec/query.ts';
import { escapeXml, type XmlWriter, XmlWriterCompiler } from '../codec/xml.ts';
import { QUEUE_PATH } from '../service-catalog.ts';
import type { OperationModel, ServiceModel } from '../service-model.ts';
import type { WireRequest, WireResponse } from '../wire.ts';
import type { Fault } from './fault.ts';
import type { Call, ServiceProtocol } from './protocol.ts';

/** Parameters of the envelope: they belong to no operation. */
const ENVELOPE =
  /^(?:Action|Version|X-Amz-.*|AWSAccessKeyId|Signature|SignatureMethod|SignatureVersion|Timestamp|SecurityToken|Expires)$/i;

interface CompiledOperation {
  readonly model: OperationModel;
  readonly read: QueryReader;
  readonly write: XmlWriter | undefined;
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
    const operation = this.#operation(parameters.find(([name]) => name === 'Action')?.[1]);
    const tree = queryTreeOf(parameters.filter(([name]) => !ENVELOPE.test(name)));
    const input = operation.read(tree, operation.model.name) as Record<string, unknown>;
    // The queue's own URL stands for its name.
    if (this.#service.entry.id === 'sqs' && input['QueueUrl'] === undefined && QUEUE_PATH.test(request.path)) {
      input['QueueUrl'] = `http://${request.host ?? 'localhost'}${request.path}`;
    }
    return { operation: operation.model, input };
  }

  answer(operation: OperationModel, output: unknown, requestId: string): WireResponse {
    const { name } = operation;
    const { write } = this.#operation(name);
    const result = write === undefined ? '' : `<${name}Result>${write(output ?? {})}</${name}Result>`;
    const { xmlNamespace } = this.#service.entry;
    const body =
      `<?xml version="1.0"?>\n<${name}Response xmlns="${xmlNamespace}">${result}` +
      `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${name}Response>`;
    return { status: 200, headers: ['x-amzn-RequestId', requestId, 'Content-Type', 'text/xml'], body };
  }

  refuse(fault: Fault, requestId: string): WireResponse {
    return queryRefusal(this.#worded(fault), requestId, this.#service.entry.xmlNamespace);
  }

  /** SQS words one error differently in this protocol. */
  #worded(fault: Fault): Fault {
    return this.#service.entry.id === 'sqs' && fault.name === 'QueueDoesNotExist'
      ? { ...fault, message: 'The specified queue does not exist for this wsdl version.' }
      : fault;
  }

  #operation(name: string | undefined): CompiledOperation {
    if (name === undefined) throw new ServiceError('MissingAction', 'The request is missing an action parameter.');
    const compiled = this.#compiled.get(name);
    if (compiled !== undefined) return compiled;
    const model = this.#service.operations.get(name);
    if (model === undefined) {
      const where = this.#service.entry.id === 'sqs' ? 'endpoint' : 'web service';
      throw new ServiceError('InvalidAction', `The action ${name} is not valid for this ${where}.`);
    }
    const fresh: CompiledOperation = {
      model,
      read: model.input.isUnitSchema() ? () => ({}) : this.#readers.compile(model.input),
      write: model.output.isUnitSchema() ? undefined : this.#writers.content(model.output),
    };
    this.#compiled.set(name, fresh);
    return fresh;
  }
}

/** The query string's parameters, then those of the form. */
const parametersOf = (request: WireRequest): [string, string][] => [
  ...new URLSearchParams(request.query),
  ...new URLSearchParams(request.body.toString('utf8')),
];

export const queryRefusal = (fault: Fault, requestId: string, xmlNamespace: string): WireResponse => {
  const members = Object.entries(fault.members)
    .filter(([name, value]) => /^[A-Za-z]\w*$/.test(name) && !/^message$/i.test(name) && typeof value !== 'object')
    .map(([name, value]) => `<${name}>${escapeXml(String(value))}</${name}>`)
    .join('');
  const message = fault.members['Message'] ?? fault.message;
  const detail = xmlNamespace.startsWith('http://queue.') ? '<Detail/>' : '';
  const body =
    `<?xml version="1.0"?>\n<ErrorResponse xmlns="${xmlNamespace}"><Error><Type>${fault.side}</Type>` +
    `<Code>${escapeXml(fault.queryCode)}</Code><Message>${escapeXml(String(message))}</Message>${members}${detail}</Error>` +
    `<RequestId>${requestId}</RequestId></ErrorResponse>`;
  return { status: fault.status, headers: ['x-amzn-RequestId', requestId, 'Content-Type', 'text/xml'], body };
};
