import { ServiceError } from '@holdfast/engine';
import { escapeXml } from '../codec/xml.ts';
import { headerOf, type WireRequest, type WireResponse } from '../wire.ts';
import { parseMultipartForm } from './multipart-form.ts';
import { checkPostPolicy } from './post-policy.ts';
import type { SigningClocks } from './presigned.ts';
import { s3AddressOf } from './s3-address.ts';

const invalidArgument = (message: string, name: string, value: string): ServiceError =>
  new ServiceError('InvalidArgument', message, 400, { ArgumentName: name, ArgumentValue: value });

/** Fields that are headers of an upload under the same name. */
const HEADER_FIELD =
  /^(?:content-type|cache-control|content-disposition|content-encoding|content-language|expires|x-amz-(?!algorithm$|credential$|date$|signature$|security-token$|content-sha256$).+)$/;

/** Answers of a form: what S3 does after the upload. */
export interface PostForm {
  readonly bucket: string;
  readonly key: string;
  readonly status: string | undefined;
  readonly redirect: string | undefined;
}

export const isPostForm = (request: WireRequest): boolean =>
  request.method === 'POST' && headerOf(request, 'content-type')?.startsWith('multipart/form-data') === true;

/** `<TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet>` as the header has it: `a=b`. */
const tagsOf = (xml: string): string =>
  [...xml.matchAll(/<Tag>\s*<Key>([^<]*)<\/Key>\s*<Value>([^<]*)<\/Value>\s*<\/Tag>/g)]
    .map(([, key = '', value = '']) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
    .join('&');

/**
 * The upload that a browser's form stands for, as the request that an SDK would send.
 *
 * @throws ServiceError when a field lacks or the form's own policy does not allow it
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
 */
export const uploadOfForm = (
  request: WireRequest,
  clocks: SigningClocks,
): { readonly request: WireRequest; readonly form: PostForm } => {
  const { bucket } = s3AddressOf(request);
  const { fields: sent, file } = parseMultipartForm(headerOf(request, 'content-type') ?? '', request.body);
  const template = sent.get('key');
  if (bucket === undefined || template === undefined) {
    throw invalidArgument(
      "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.",
      'key',
      '',
    );
  }
  if (file === undefined) throw invalidArgument('POST requires exactly one file upload per request.', 'file', '0');
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholder that forms write, in AWS's own words.
  const key = template.replaceAll('${filename}', file.name);
  const fields = new Map([...sent, ['key', key], ['bucket', bucket]]);
  const policy = sent.get('policy');
  if (policy !== undefined) checkPostPolicy(policy, { fields, fileBytes: file.bytes.length }, clocks);
  const headers: Record<string, string> = {};
  for (const [name, value] of sent) if (HEADER_FIELD.test(name)) headers[name] = value;
  const acl = sent.get('acl');
  if (acl !== undefined) headers['x-amz-acl'] = acl;
  const tagging = sent.get('tagging');
  if (tagging !== undefined) headers['x-amz-tagging'] = tagsOf(tagging);
  headers['content-length'] = String(file.bytes.length);
  return {
    request: {
      ...request,
      method: 'PUT',
      path: `${request.path.replace(/\/+$/, '')}/${encodeURIComponent(key)}`,
      query: '',
      headers: { ...headers, host: request.headers.host },
      body: file.bytes,
    },
    form: {
      bucket,
      key,
      status: sent.get('success_action_status'),
      redirect: sent.get('success_action_redirect') ?? sent.get('redirect'),
    },
  };
};

const redirectTo = ({ redirect, bucket, key }: PostForm, etag: string): string | undefined => {
  if (redirect === undefined || !URL.canParse(redirect)) return undefined;
  const url = new URL(redirect);
  for (const [name, value] of Object.entries({ bucket, key, etag })) url.searchParams.set(name, value);
  return url.href;
};

/** Turns the answer of the upload into what the form asks for: 204 unless it says otherwise. */
export const answerOfForm = (form: PostForm, upload: WireResponse, request: WireRequest): WireResponse => {
  const etag = upload.headers[upload.headers.findIndex((name) => name.toLowerCase() === 'etag') + 1] ?? '';
  const redirect = redirectTo(form, etag);
  if (redirect !== undefined) return { status: 303, headers: [...upload.headers, 'Location', redirect], body: '' };
  const location = `http://${request.host ?? 'localhost'}${request.path.replace(/\/+$/, '')}/${encodeURIComponent(form.key)}`;
  const headers = [...upload.headers, 'Location', location];
  if (form.status !== '201') return { status: form.status === '200' ? 200 : 204, headers, body: '' };
  const body =
    `<?xml version="1.0" encoding="UTF-8"?>\n<PostResponse><Location>${escapeXml(location)}</Location>` +
    `<Bucket>${escapeXml(form.bucket)}</Bucket><Key>${escapeXml(form.key)}</Key><ETag>${escapeXml(etag)}</ETag></PostResponse>`;
  return { status: 201, headers: [...headers, 'Content-Type', 'application/xml'], body };
};
