import { ServiceError } from '../../core/index.ts';

/** The errors of S3 that several operations share, worded as recorded from AWS. */

export const noSuchBucket = (bucket: string): ServiceError =>
  new ServiceError('NoSuchBucket', 'The specified bucket does not exist', 404, { BucketName: bucket });

/** Members in lower case become headers of the answer. */
const markerHeaders = (versionId: string) => ({ 'x-amz-delete-marker': 'true', 'x-amz-version-id': versionId });

/** `markerVersionId` when a delete marker hides the object. */
export const noSuchKey = (key: string, markerVersionId?: string): ServiceError =>
  new ServiceError('NoSuchKey', 'The specified key does not exist.', 404, {
    Key: key,
    ...(markerVersionId === undefined ? {} : markerHeaders(markerVersionId)),
  });

export const noSuchVersion = (key: string, versionId: string): ServiceError =>
  new ServiceError('NoSuchVersion', 'The specified version does not exist.', 404, { Key: key, VersionId: versionId });

export const noSuchUpload = (uploadId: string): ServiceError =>
  new ServiceError(
    'NoSuchUpload',
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    404,
    { UploadId: uploadId },
  );

/** `method` is the HTTP method that AWS names in the answer. */
export const deleteMarkerNotAllowed = (method: string, versionId: string): ServiceError =>
  new ServiceError('MethodNotAllowed', 'The specified method is not allowed against this resource.', 405, {
    Method: method,
    ResourceType: 'DeleteMarker',
    ...markerHeaders(versionId),
    ...(method === 'DELETE' ? {} : { allow: 'DELETE' }),
  });

/** `condition` is the header's name, e.g. `If-Match`. */
export const preconditionFailed = (condition: string): ServiceError =>
  new ServiceError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412, {
    Condition: condition,
  });

/** The condition holds, and something else was written or deleted since the upload began. */
export const conditionalConflict = (condition: string, key: string): ServiceError =>
  new ServiceError(
    'ConditionalRequestConflict',
    'The conditional request cannot succeed due to a conflicting operation against this resource.',
    409,
    { Condition: condition, Key: key },
  );

export const malformedXml = (): ServiceError =>
  new ServiceError(
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
    400,
  );

export const invalidRequest = (message: string): ServiceError => new ServiceError('InvalidRequest', message, 400);

export const invalidArgument = (message: string, name: string, value?: string): ServiceError =>
  new ServiceError('InvalidArgument', message, 400, {
    ArgumentName: name,
    ...(value === undefined ? {} : { ArgumentValue: value }),
  });

/** A conditional header in a form that S3 knows but does not accept on writes. */
export const headerNotImplemented = (header: string, additionalMessage?: string): ServiceError =>
  new ServiceError('NotImplemented', 'A header you provided implies functionality that is not implemented', 501, {
    Header: header,
    ...(additionalMessage === undefined ? {} : { additionalMessage }),
  });
