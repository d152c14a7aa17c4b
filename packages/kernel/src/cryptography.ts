/** Algorithms of JSON Web Signatures with RSA keys, RFC 7518 section 3.3. */
export type SignatureAlgorithm = 'RS256' | 'RS384' | 'RS512';

/** A public key as `jwks_uri` gives it, RFC 7517. */
export type JsonWebKey = Readonly<Record<string, unknown>>;

/** Ciphers and signatures. The pure ring asks for them here; the live ones come from the platform. */
export interface Cryptography {
  /** AES-256-GCM: what `text` becomes under a key of 32 bytes and a nonce of 12, with the tag of 16 bytes behind it. */
  seal(key: Uint8Array, nonce: Uint8Array, text: Uint8Array, additionalData: Uint8Array): Uint8Array;
  /** The text again; `undefined` when key, nonce, additional data or a byte of it are not what they were. */
  open(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array, additionalData: Uint8Array): Uint8Array | undefined;
  /** Whether the holder of the key signed these bytes; `false` too for a key that is none, or no RSA key. */
  verifies(algorithm: SignatureAlgorithm, key: JsonWebKey, signed: Uint8Array, signature: Uint8Array): boolean;
}
