import { createCipheriv, createDecipheriv, createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { Cryptography, JsonWebKey } from './cryptography.ts';

const TAG_BYTES = 16;
const CIPHER = 'aes-256-gcm';

const joined = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

const publicKey = (key: JsonWebKey): KeyObject | undefined => {
  try {
    return createPublicKey({ key, format: 'jwk' });
  } catch {
    return undefined;
  }
};

/** Ciphers and signatures by the platform's own code. */
export const liveCryptography: Cryptography = {
  seal(key, nonce, text, additionalData) {
    const cipher = createCipheriv(CIPHER, key, nonce);
    cipher.setAAD(additionalData);
    return joined(cipher.update(text), cipher.final(), cipher.getAuthTag());
  },
  open(key, nonce, sealed, additionalData) {
    if (sealed.length < TAG_BYTES) return undefined;
    const decipher = createDecipheriv(CIPHER, key, nonce);
    decipher.setAAD(additionalData);
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    try {
      return joined(decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final());
    } catch {
      return undefined;
    }
  },
  verifies(algorithm, jwk, signed, signature) {
    const key = publicKey(jwk);
    return key?.asymmetricKeyType === 'rsa' && verify(`sha${algorithm.slice(2)}`, signed, key, signature);
  },
};
