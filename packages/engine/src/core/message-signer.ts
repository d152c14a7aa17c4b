import { base64OfBytes, bytesOfHex, type Digest, joinBytes } from '@holdfast/kernel';

/** Signs what others are to trust, and says what they check it with. */
export interface MessageSigner {
  /** PEM text. */
  readonly certificate: string;
  /** RSA signature in base64. */
  sign(hash: 'sha1' | 'sha256', text: string): string;
}

const SIGNATURE_BYTES = 256;

/** For engines without keys: has the form of a signature and proves nothing. */
export const standInSigner = (digest: Digest): MessageSigner => ({
  certificate: '',
  sign: (_, text) => {
    const block = bytesOfHex(digest.sha256Hex(text));
    return base64OfBytes(joinBytes(Array.from({ length: SIGNATURE_BYTES / block.length }, () => block)));
  },
});
