import type { CreateFunctionCommandInput, FunctionCode } from '@aws-sdk/client-lambda';
import { bucketArn } from '@holdfast/aws-model';
import { unzippedBytesOf, utf8Length } from '@holdfast/kernel';
import { Constraints, refuseUnmodelled, type ServiceEnvironment, ServiceError } from '../../../core/index.ts';
import { invalidParameter } from '../errors.ts';
import type { StoredCode } from './function-record.ts';

/** Zip that may be uploaded directly: 50 MB. */
export const ZIP_UPLOAD_MAX_BYTES = 52_428_800;

const CREATE_REQUEST_MAX_BYTES = 70_167_211;

/** Code and layers of a function, unpacked: 250 MB. */
export const CODE_UNZIPPED_MAX_BYTES = 262_144_000;

/** With this bucket name the key is a directory on this machine, and changes there are used without an update. Holdfast only. */
export const HOT_RELOAD_BUCKET = 'hot-reload';

const looksLikeZip = (bytes: Uint8Array): boolean => bytes[0] === 0x50 && bytes[1] === 0x4b;

/** `PK\x05\x06` first means a directory without entries. */
const isEmptyZip = (bytes: Uint8Array): boolean => bytes.length === 0 || (bytes[2] === 0x05 && bytes[3] === 0x06);

const readFromBucket = (environment: ServiceEnvironment, code: FunctionCode, bucket: string): Uint8Array => {
  const bytes = environment.objects.read(bucket, code.S3Key as string, code.S3ObjectVersion);
  if (bytes !== undefined) return bytes;
  throw invalidParameter(
    environment.deliver.exists(bucketArn(bucket))
      ? 'Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist.'
      : 'Error occurred while GetObject. S3 Error Code: NoSuchBucket. S3 Error Message: The specified bucket does not exist',
  );
};

const tooLarge = (message: string): ServiceError => new ServiceError('RequestEntityTooLargeException', message, 413);

const checkZipSize = ({ ZipFile }: FunctionCode): void => {
  if (ZipFile === undefined || ZipFile.length <= ZIP_UPLOAD_MAX_BYTES) return;
  throw tooLarge(`Zipped size must be smaller than ${ZIP_UPLOAD_MAX_BYTES} bytes`);
};

/**
 * What AWS looks at before anything else: the archive, then the whole request, whose archive is in Base64.
 *
 * @throws ServiceError 413
 */
export const checkRequestSize = ({ Code = {}, ...others }: Partial<CreateFunctionCommandInput>): void => {
  checkZipSize(Code);
  const archiveBytes = Math.ceil((Code.ZipFile?.length ?? 0) / 3) * 4;
  if (archiveBytes + utf8Length(JSON.stringify(others)) <= CREATE_REQUEST_MAX_BYTES) return;
  throw tooLarge(`Request must be smaller than ${CREATE_REQUEST_MAX_BYTES} bytes for the CreateFunction operation`);
};

/**
 * Takes over function code and stores it under its content hash: equal code is stored once.
 *
 * The archive is not unpacked here; its signature and what its directory says are checked.
 */
export const storeCode = (environment: ServiceEnvironment, code: FunctionCode): StoredCode => {
  refuseUnmodelled(code, ['ZipFile', 'S3Bucket', 'S3Key', 'S3ObjectVersion', 'SourceKMSKeyArn'], 'Code');
  const bucket = code.S3Bucket;
  if (bucket === HOT_RELOAD_BUCKET) {
    const path = code.S3Key ?? '';
    if (!/^(\/|[A-Za-z]:[\\/])/.test(path)) {
      throw invalidParameter(`With the bucket ${HOT_RELOAD_BUCKET}, S3Key must be an absolute path to a directory.`);
    }
    return { kind: 'directory', path, sha256Base64: environment.digest.sha256Base64(path), sizeBytes: 0 };
  }
  if (code.ZipFile === undefined && bucket === undefined) {
    throw invalidParameter('Please provide a source for function code.');
  }
  if (code.ZipFile !== undefined && bucket !== undefined) {
    throw invalidParameter('Please do not provide other FunctionCode parameters when providing a ZipFile.');
  }
  if (bucket !== undefined) new Constraints().required('code.s3Key', code.S3Key).check();
  const bytes = code.ZipFile ?? readFromBucket(environment, code, bucket as string);
  if (isEmptyZip(bytes)) throw invalidParameter('Uploaded file must be a non-empty zip');
  if (!looksLikeZip(bytes)) {
    throw invalidParameter('Could not unzip uploaded file. Please check your file, then try to upload again.');
  }
  checkZipSize(code);
  const unzippedBytes = unzippedBytesOf(bytes);
  if (unzippedBytes >= CODE_UNZIPPED_MAX_BYTES) {
    throw invalidParameter(`Unzipped size must be smaller than ${CODE_UNZIPPED_MAX_BYTES} bytes`);
  }
  const blobId = `lambda.code/${environment.digest.sha256Hex(bytes)}`;
  environment.store.blobs.put(blobId, bytes);
  environment.store.collection<true>('lambda.code').put(blobId, true);
  return {
    kind: 'zip',
    blobId,
    sha256Base64: environment.digest.sha256Base64(bytes),
    sizeBytes: bytes.length,
    unzippedBytes,
  };
};

/**
 * Deletes code that no version uses any more. Only at start-up: while the process lives, an environment may still be
 * about to read the code that it was started with.
 */
export const sweepCode = (environment: ServiceEnvironment, used: ReadonlySet<string>): void => {
  const stored = environment.store.collection<true>('lambda.code');
  for (const [blobId] of [...stored.entries()]) {
    if (used.has(blobId)) continue;
    environment.store.blobs.delete(blobId);
    stored.delete(blobId);
  }
};
