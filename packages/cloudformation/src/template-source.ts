import type { RequestContext } from '@holdfast/engine';
import { utf8Bytes } from '@holdfast/kernel';
import { validationError } from './errors.ts';

/** Largest template in a request. */
const TEMPLATE_BODY_BYTES_MAX = 51_200;

/** Bucket and key of an S3 URL in path style, virtual-hosted style, or of the local engine. */
export const parseTemplateUrl = (url: string): { readonly bucket: string; readonly key: string } => {
  let parsed: URL;
  let path: string;
  try {
    parsed = new URL(url);
    path = decodeURIComponent(parsed.pathname.slice(1));
  } catch {
    throw validationError('TemplateURL must be a supported URL.');
  }
  if (parsed.protocol === 's3:') return { bucket: parsed.hostname, key: path };
  const virtualHosted = /^(.+?)\.s3[.-]/.exec(parsed.hostname)?.[1];
  if (virtualHosted !== undefined) return { bucket: virtualHosted, key: path };
  const slash = path.indexOf('/');
  if (slash <= 0 || slash === path.length - 1)
    throw validationError('TemplateURL must reference a valid S3 object to which you have access.');
  return { bucket: path.slice(0, slash), key: path.slice(slash + 1) };
};

type CallService = (service: string, action: string, input: object, context: RequestContext) => unknown;

const bytesOf = async (body: unknown): Promise<Uint8Array> => {
  if (body instanceof Uint8Array) return body;
  const stream = body as { transformToByteArray?: () => Promise<Uint8Array> };
  if (stream.transformToByteArray !== undefined) return stream.transformToByteArray();
  throw validationError('TemplateURL must reference a valid S3 object to which you have access.');
};

/** The text of an object of the engine, by its URL or as `s3://bucket/key`. */
export const readObject = async (url: string, call: CallService, context: RequestContext): Promise<string> => {
  const { bucket, key } = parseTemplateUrl(url);
  let answer: { Body?: unknown };
  try {
    answer = (await call('s3', 'GetObject', { Bucket: bucket, Key: key }, context)) as { Body?: unknown };
  } catch {
    throw validationError(
      `S3 error: Access Denied\nFor more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html`,
    );
  }
  return new TextDecoder().decode(await bytesOf(answer.Body));
};

/** The template's text, from the request or from a bucket of the engine. */
export const templateBodyOf = async (
  input: { readonly TemplateBody?: string | undefined; readonly TemplateURL?: string | undefined },
  call: CallService,
  context: RequestContext,
): Promise<string | undefined> => {
  if (input.TemplateBody !== undefined && input.TemplateURL !== undefined) {
    throw validationError('Either Template URL or Template Body must be specified, not both.');
  }
  if (input.TemplateBody !== undefined) {
    if (utf8Bytes(input.TemplateBody).length > TEMPLATE_BODY_BYTES_MAX) {
      throw validationError(
        `1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to ${TEMPLATE_BODY_BYTES_MAX}`,
      );
    }
    return input.TemplateBody;
  }
  if (input.TemplateURL === undefined) return undefined;
  return readObject(input.TemplateURL, call, context);
};
