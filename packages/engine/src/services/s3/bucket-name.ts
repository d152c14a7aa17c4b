/**
 * Whether a general purpose bucket may have this name.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 */
export const isValidBucketName = (name: string): boolean =>
  /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) &&
  !name.includes('..') &&
  !/^\d+\.\d+\.\d+\.\d+$/.test(name) &&
  !/^(xn--|sthree-)/.test(name) &&
  !/(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/.test(name);
