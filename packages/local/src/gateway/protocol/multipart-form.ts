import { ServiceError } from '@holdfast/engine';

/** A form with one file, as browsers send it. */
export interface MultipartForm {
  /** By name in lower case. Fields after the file do not count, as on S3. */
  readonly fields: ReadonlyMap<string, string>;
  readonly file: { readonly name: string; readonly bytes: Buffer } | undefined;
}

const malformed = (): ServiceError =>
  new ServiceError('MalformedPOSTRequest', 'The body of your POST request is not well-formed multipart/form-data.');

const FIELDS_MAX = 100;

const parameterOf = (header: string, name: string): string | undefined => {
  const match = new RegExp(`;\\s*${name}=(?:"([^"]*)"|([^;\\s]*))`, 'i').exec(header);
  return match?.[1] ?? match?.[2];
};

/** @see https://www.rfc-editor.org/rfc/rfc7578.html */
export const parseMultipartForm = (contentType: string, body: Buffer): MultipartForm => {
  const boundary = parameterOf(contentType, 'boundary');
  if (boundary === undefined || boundary === '') throw malformed();
  const delimiter = Buffer.from(`--${boundary}`);
  const end = Buffer.from(`\r\n--${boundary}`);
  const fields = new Map<string, string>();
  let at = body.indexOf(delimiter);
  while (at >= 0 && fields.size < FIELDS_MAX) {
    at += delimiter.length;
    if (body.toString('latin1', at, at + 2) === '--') return { fields, file: undefined };
    const headEnd = body.indexOf('\r\n\r\n', at);
    const next = headEnd < 0 ? -1 : body.indexOf(end, headEnd + 2);
    if (next < 0) throw malformed();
    const head = body.toString('utf8', at, headEnd);
    const disposition = /^content-disposition:(.*)$/im.exec(head)?.[1] ?? '';
    const name = parameterOf(disposition, 'name');
    if (name === undefined) throw malformed();
    const bytes = body.subarray(Math.min(headEnd + 4, next), next);
    if (name === 'file') return { fields, file: { name: parameterOf(disposition, 'filename') ?? '', bytes } };
    fields.set(name.toLowerCase(), bytes.toString('utf8'));
    at = next + 2;
  }
  throw malformed();
};
