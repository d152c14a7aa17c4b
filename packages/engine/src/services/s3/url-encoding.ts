/**
 * Writes a key as S3 does in notifications and in listings with `EncodingType=url`: a space becomes `+`, slashes stay.
 * A reader decodes with `decodeURIComponent(key.replace(/\+/g, ' '))`.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
export const urlEncodeKey = (key: string): string =>
  encodeURIComponent(key.toWellFormed())
    .replace(/%20/g, '+')
    .replace(/%2F/g, '/')
    .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
