import { hash } from 'node:crypto';
import { ServiceError } from '@holdfast/engine';
import { headerOf, type WireRequest } from '../wire.ts';

const HEADER = 'x-amz-content-sha256';

/**
 * Checks the hash of the body that signatures are made over. The signature itself is not verified.
 *
 * @throws ServiceError as S3 answers
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export const checkContentHash = (request: WireRequest): void => {
  const claimed = headerOf(request, HEADER);
  if (claimed === undefined || claimed === 'UNSIGNED-PAYLOAD' || claimed.startsWith('STREAMING-')) return;
  if (!/^[0-9a-f]{64}$/i.test(claimed)) {
    throw new ServiceError(
      'InvalidArgument',
      `${HEADER} must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.`,
      400,
      { ArgumentName: HEADER, ArgumentValue: claimed },
    );
  }
  const computed = hash('sha256', request.body, 'hex');
  if (computed === claimed.toLowerCase()) return;
  throw new ServiceError(
    'XAmzContentSHA256Mismatch',
    `The provided '${HEADER}' header does not match what was computed.`,
    400,
    { ClientComputedContentSHA256: claimed, S3ComputedContentSHA256: computed },
  );
};
