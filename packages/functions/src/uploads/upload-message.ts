/** What the parser tells the functions that come after it; everything else is in the upload's record. */
export interface UploadMessage {
  readonly vendorId: string;
  readonly fileKey: string;
  /** Of the content that was processed: a message about an older content is out of date. */
  readonly etag: string;
  readonly uploadId: string;
}

/** The body is no upload message. Retried a few times by the queue, then dead-lettered, where somebody can look at it. */
export class MalformedMessageError extends Error {
  override readonly name = 'MalformedMessageError';
}

/** Reads a message body. @throws {@link MalformedMessageError} naming what is missing */
export const parseUploadMessage = (body: string): UploadMessage => {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (cause) {
    throw new MalformedMessageError('the message body is not JSON', { cause });
  }
  const message = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const text = (member: keyof UploadMessage): string => {
    const found = message[member];
    if (typeof found !== 'string' || found === '') throw new MalformedMessageError(`the message has no ${member}`);
    return found;
  };
  return { vendorId: text('vendorId'), fileKey: text('fileKey'), etag: text('etag'), uploadId: text('uploadId') };
};
