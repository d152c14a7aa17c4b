import { constants, createCipheriv, createDecipheriv, createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { Cryptography, JsonWebKey, SignatureAlgorithm } from './cryptography.ts';

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

/** How `verify` must be told of it. */
const signatureOptions = (algorithm: SignatureAlgorithm) => {
  if (algorithm.startsWith('ES')) return { type: 'ec', options: { dsaEncoding: 'ieee-p1363' as const } };
  const isPss = algorithm.startsWith('PS');
  const padding = isPss ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING;
  return { type: 'rsa', options: isPss ? { padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST } : { padding } };
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
    const { type, options } = signatureOptions(algorithm);
    if (key?.asymmetricKeyType !== type) return false;
    return verify(`sha${algorithm.slice(2)}`, signed, { key, ...options }, signature);
  },
};
