import { isUtf8 } from 'node:buffer';
import { XmlShapeDeserializer } from '@aws-sdk/core/protocols';
import { ServiceError } from '@holdfast/engine';
import { membersOf, type Shape } from '../codec/shape.ts';
import { escapeXml, XmlWriterCompiler } from '../codec/xml.ts';
import type { Destination } from '../service-catalog.ts';
import type { OperationModel, ServiceModel } from '../service-model.ts';
import { headerOf, type WireRequest, type WireResponse } from '../wire.ts';
import { decodeAwsChunked, isAwsChunked } from './aws-chunked.ts';
import { checkContentHash } from './content-hash.ts';
import type { Fault } from './fault.ts';
import { answerOfForm, isPostForm, type PostForm, uploadOfForm } from './post-object.ts';
import { checkPresigned, type SigningClocks } from './presigned.ts';
import type { Call, ServiceProtocol } from './protocol.ts';
import { type DocumentCodec, parseQuery, type Query, RestMessages } from './rest-messages.ts';
import { RouteTable } from './route-table.ts';
import { s3AddressOf } from './s3-address.ts';

const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** Their model says 200, S3 answers 204. */
const SILENT: ReadonlySet<string> = new Set(['PutBucketPolicy', 'PutBucketTagging']);

/** REST-XML as S3 speaks it: https://docs.aws.amazon.com/AmazonS3/latest/API/Type_API_Reference.html */
export class RestXmlProtocol implements ServiceProtocol {
  readonly #routes: RouteTable;
  readonly #messages: RestMessages;
  /** Browsers' uploads between their request and its answer. */
  readonly #forms = new WeakMap<WireRequest, PostForm>();

  constructor(service: ServiceModel) {
    this.#routes = new RouteTable(service.operations.values());
    this.#messages = new RestMessages(xmlCodec(service.xmlNamespace));
  }

  read(sent: WireRequest, _destination: Destination, clocks: SigningClocks): Call {
    const form = isPostForm(sent) ? uploadOfForm(sent, clocks) : undefined;
    if (form !== undefined) this.#forms.set(sent, form.form);
    const query = parseQuery(form?.request.query ?? sent.query);
    checkPresigned(query, clocks);
    const request = plain(form?.request ?? sent, query);
    const { bucket, key } = s3AddressOf(request);
    // Templates know keys only: which operations are about a bucket is told by their input.
    const match = this.#routes.match(
      {
        method: request.method,
        segments: key === undefined ? [] : [key],
        query,
        hasHeader: (name) => request.headers[name] !== undefined,
      },
      (operation) => (bucket !== undefined) === isAboutBucket(operation),
    );
    if (match === undefined) {
      throw new ServiceError('MethodNotAllowed', 'The specified method is not allowed against this resource.', 405, {
        Method: request.method,
      });
    }
    const labels = { ...(bucket === undefined ? {} : { Bucket: bucket }), ...(key === undefined ? {} : { Key: key }) };
    return {
      operation: match.operation,
      input: this.#messages.read(match.operation, request, labels, query),
      isForm: form !== undefined,
    };
  }

  answer(operation: OperationModel, output: unknown, requestId: string, request: WireRequest): WireResponse {
    const { status, headers, body } = this.#messages.answer(operation, output);
    const isPartial = status === 200 && headers.includes('content-range');
    const isSilent = SILENT.has(operation.name);
    // It has no body, and says so of what kind it is not.
    if (operation.name === 'HeadBucket') headers.push('content-type', 'application/xml');
    const answer = {
      status: isPartial ? 206 : isSilent ? 204 : status,
      headers: [...idHeaders(requestId), ...headers],
      body,
    };
    const form = this.#forms.get(request);
    return form === undefined ? answer : answerOfForm(form, answer, request);
  }

  /** Members with names of headers (`x-amz-delete-marker`, `etag`) become headers, all others elements. */
  refuse(fault: Fault, requestId: string, request: WireRequest): WireResponse {
    const headers = idHeaders(requestId);
    let members = '';
    for (const [name, value] of Object.entries(fault.members)) {
      if (value === undefined || /^message$/i.test(name)) continue;
      if (name === name.toLowerCase()) headers.push(name, String(value));
      else members += `<${name}>${escapeXml(String(value))}</${name}>`;
    }
    if (fault.status === 304 || request.method === 'HEAD') return { status: fault.status, headers, body: '' };
    headers.push('Content-Type', 'application/xml');
    const message = fault.members['Message'] ?? fault.message;
    const body =
      `${XML_DECLARATION}<Error><Code>${escapeXml(fault.name)}</Code><Message>${escapeXml(String(message))}</Message>` +
      `${members}<RequestId>${requestId}</RequestId><HostId>${hostIdOf(requestId)}</HostId></Error>`;
    return { status: fault.status, headers, body };
  }
}

/** S3 names an opaque host in each answer; here it follows from the request. */
const hostIdOf = (requestId: string): string => Buffer.from(`holdfast/${requestId}`).toString('base64');

const idHeaders = (requestId: string): string[] => [
  'x-amz-request-id',
  requestId,
  'x-amz-id-2',
  hostIdOf(requestId),
  'x-amzn-RequestId',
  requestId,
];

const isAboutBucket = (operation: OperationModel): boolean =>
  operation.input.isStructSchema() && membersOf(operation.input).some(([name]) => name === 'Bucket');

/**
 * The request without the transport's wrappings: chunk signatures taken out of the body, trailers and headers that a
 * presigned URL carries in its query put among the headers.
 */
const plain = (request: WireRequest, query: Query): WireRequest => {
  const isPresigned = query.has('X-Amz-Signature') || query.has('X-Amz-Algorithm');
  const isChunked = isAwsChunked(request);
  if (!isPresigned && !isChunked) {
    checkContentHash(request);
    return request;
  }
  const headers = { ...request.headers };
  if (isPresigned) {
    for (const [name, [value]] of query) {
      const header = name.toLowerCase();
      // Presigners put checksums of a body there that they do not have; S3 does not look at them.
      if (header.startsWith('x-amz-') && !OF_THE_BODY.test(header)) headers[header] ??= value;
    }
  }
  checkContentHash(request);
  if (!isChunked) return { ...request, headers };
  const { body, trailers } = decodeAwsChunked(request.body, {
    decodedLength: headerOf(request, 'x-amz-decoded-content-length'),
    announced: headerOf(request, 'x-amz-trailer'),
  });
  Object.assign(headers, trailers);
  headers['content-length'] = String(body.length);
  const encodings = (headers['content-encoding'] ?? '')
    .split(',')
    .map((encoding) => encoding.trim())
    .filter((encoding) => encoding !== '' && encoding !== 'aws-chunked');
  if (encodings.length > 0) headers['content-encoding'] = encodings.join(',');
  else delete headers['content-encoding'];
  return { ...request, headers, body };
};

/** What a query says of a body says nothing of this body. */
const OF_THE_BODY = /^x-amz-(?:checksum-.*|content-sha256|decoded-content-length|trailer)$/;

const xmlCodec = (xmlNamespace: string): DocumentCodec => {
  const reader = new XmlShapeDeserializer({
    xmlNamespace,
    httpBindings: false,
    serviceNamespace: 'com.amazonaws.s3',
    timestampFormat: { useTrait: true, default: 5 },
  });
  const writers = new XmlWriterCompiler();
  const compiled = new Map<string, (value: unknown) => string>();
  const rootNameOf = (shape: Shape): string => String(shape.getMergedTraits().xmlName ?? shape.getName() ?? 'Result');
  const withRoot = (root: string, content: string): string =>
    `${XML_DECLARATION}<${root} xmlns="${xmlNamespace}">${content}</${root}>`;
  return {
    contentType: 'application/xml',
    refuseText: (_member, wireName, text, wanted) =>
      wanted === 'an Integer'
        ? new ServiceError('InvalidArgument', `Provided ${wireName} not an integer or within integer range`, 400, {
            ArgumentName: wireName,
            ArgumentValue: text,
          })
        : new ServiceError('InvalidArgument', `${wireName} is no date`, 400, {
            ArgumentName: wireName,
            ArgumentValue: text,
          }),
    bytesContentType: 'binary/octet-stream',
    read: (shape, body) => {
      if (!isUtf8(body)) throw malformedXml('it is not UTF-8');
      let value: unknown;
      try {
        value = reader.read(shape, body) ?? {};
      } catch (error) {
        throw malformedXml((error as Error).message);
      }
      if (!isReadable(value)) throw malformedXml('a number or a date is none');
      return value as Record<string, unknown>;
    },
    write: (output, isInBody, value) => {
      const name = output.getName() ?? '';
      // The only document of S3 whose root is its single member.
      if (name === 'GetBucketLocationOutput') {
        return withRoot(
          'LocationConstraint',
          escapeXml(String((value as { LocationConstraint?: string }).LocationConstraint ?? '')),
        );
      }
      let write = compiled.get(name);
      if (write === undefined) {
        write = writers.content(output, isInBody);
        compiled.set(name, write);
      }
      return withRoot(rootNameOf(output), write(value));
    },
    writePayload: (member, value) => withRoot(payloadRootOf(member), writers.content(member)(value)),
  };
};

const malformedXml = (detail: string): ServiceError =>
  new ServiceError(
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
    400,
    { Detail: detail },
  );

/** The SDK's codec makes something of any text. */
const isReadable = (value: unknown): boolean => {
  if (typeof value === 'number') return Number.isFinite(value);
  if (value instanceof Date) return !Number.isNaN(value.getTime());
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return true;
  return Object.values(value).every(isReadable);
};

/** A payload's root has the name of its shape, unless the model names it. */
const payloadRootOf = (member: Shape): string => {
  const traits = member.getMergedTraits();
  return String(traits.xmlName ?? (member.getSchema() as readonly unknown[])[2] ?? member.getName());
};
