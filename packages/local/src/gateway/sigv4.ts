import { percentDecoded, type WireRequest } from './wire.ts';

/** Who signed, and what the signature was meant for. Signatures are read, never verified. */
export interface SignatureScope {
  readonly accessKeyId: string;
  readonly region: string | undefined;
  /** Signing name, e.g. `monitoring` for CloudWatch. */
  readonly service: string | undefined;
}

/** Scopes change once a day and per client: a few are parsed, all requests share them. */
const scopes = new Map<string, SignatureScope>();
const SCOPES_MAX = 1_000;

/** The credential seen last, with the comma after it: most requests come from the same client as the one before. */
let lastCredential = '';
let lastScope: SignatureScope | undefined;

/** `AKID/20250101/us-east-1/sqs/aws4_request`; SigV4a leaves the region out. An access key id may not hold a slash. */
const scopeOf = (credential: string): SignatureScope => {
  const known = scopes.get(credential);
  if (known !== undefined) return known;
  const parts = credential.split('/');
  const scope: SignatureScope =
    parts.length >= 5
      ? { accessKeyId: parts[0] as string, region: parts[2], service: parts[3] }
      : { accessKeyId: parts[0] as string, region: undefined, service: parts[2] };
  if (scopes.size >= SCOPES_MAX) scopes.clear();
  scopes.set(credential, scope);
  return scope;
};

/**
 * Reads the credential scope from the `Authorization` header or from a presigned query.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export const signatureScopeOf = (request: WireRequest): SignatureScope | undefined => {
  const header = request.headers.authorization;
  if (header !== undefined) {
    const start = header.indexOf('Credential=');
    if (start >= 0) {
      if (lastScope !== undefined && header.startsWith(lastCredential, start + 11)) return lastScope;
      const end = header.indexOf(',', start);
      if (end < 0) return scopeOf(header.slice(start + 11).trim());
      lastCredential = header.slice(start + 11, end + 1);
      lastScope = scopeOf(lastCredential.slice(0, -1));
      return lastScope;
    }
    // Signature version 2 of S3: `AWS <access key id>:<signature>`.
    if (header.startsWith('AWS ')) {
      return { accessKeyId: header.slice(4, header.indexOf(':', 4)), region: undefined, service: 's3' };
    }
    return undefined;
  }
  if (request.query === '' && request.body.length === 0) return undefined;
  const presigned = /(?:^|&)X-Amz-Credential=([^&]+)/i.exec(request.query)?.[1];
  if (presigned !== undefined) return scopeOf(percentDecoded(presigned));
  // URLs of S3 that were signed by version 2, as boto3 does unless told otherwise.
  const accessKeyId = /(?:^|&)AWSAccessKeyId=([^&]+)/.exec(request.query)?.[1];
  if (accessKeyId === undefined || !/(?:^|&)Signature=/.test(request.query)) return undefined;
  return { accessKeyId: percentDecoded(accessKeyId), region: undefined, service: 's3' };
};
