/** Checksums. The pure ring asks for them here; the live ones come from the platform. Text is hashed as UTF-8. */
export interface Digest {
  /** 32 lower-case hexadecimal digits. */
  md5Hex(data: string | Uint8Array): string;
  /** 64 lower-case hexadecimal digits. */
  sha256Hex(data: string | Uint8Array): string;
  /** Base64, as in Lambda's `CodeSha256` and S3's checksums. */
  sha256Base64(data: string | Uint8Array): string;
  /** Lower-case hexadecimal digits of any of the usual algorithms. */
  hex(algorithm: 'md5' | 'sha1' | 'sha256' | 'sha384' | 'sha512', data: string | Uint8Array): string;
}
