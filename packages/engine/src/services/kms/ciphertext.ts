import { bytesOfHex, type Cryptography, hexOfBytes, type IdSource, utf8Bytes } from '@holdfast/kernel';
import { canonicalJson } from '../../core/index.ts';
import { invalidCiphertext } from './errors.ts';
import type { StoredKey } from './stored.ts';

export type EncryptionContext = Readonly<Record<string, string>>;

/** As AWS's own begin; in Base64 `AQICAHh`. */
const MARK = [0x01, 0x02, 0x02, 0x00, 0x78];
const ID_AT = MARK.length;
const MATERIAL_AT = ID_AT + 16;
const NONCE_AT = MATERIAL_AT + 2;
const TEXT_AT = NONCE_AT + 12;

const additionalData = (context: EncryptionContext | undefined): Uint8Array => utf8Bytes(canonicalJson(context ?? {}));

/** `length` random bytes. */
export const randomBytes = (ids: IdSource, length: number): Uint8Array => bytesOfHex(ids.hex(length * 2));

/** What only this key opens again: mark, id of the key, number of its material, nonce, text with its tag. */
export const seal = (
  { cryptography, ids }: { readonly cryptography: Cryptography; readonly ids: IdSource },
  { id, materials }: StoredKey,
  text: Uint8Array,
  context: EncryptionContext | undefined,
): Uint8Array => {
  const generation = materials.length - 1;
  const nonce = randomBytes(ids, 12);
  const secret = bytesOfHex((materials[generation] as StoredKey['materials'][number]).secret);
  const sealed = cryptography.seal(secret, nonce, text, additionalData(context));
  return Uint8Array.from([
    ...MARK,
    ...bytesOfHex(id.replaceAll('-', '')),
    generation >> 8,
    generation & 255,
    ...nonce,
    ...sealed,
  ]);
};

/** Id of the key that a ciphertext is of. @throws ServiceError InvalidCiphertextException */
export const keyIdOf = (ciphertext: Uint8Array): string => {
  if (ciphertext.length < TEXT_AT || MARK.some((byte, index) => ciphertext[index] !== byte)) throw invalidCiphertext();
  const hex = hexOfBytes(ciphertext.subarray(ID_AT, MATERIAL_AT));
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
};

/** The text behind a ciphertext of this key. @throws ServiceError InvalidCiphertextException */
export const unseal = (
  cryptography: Cryptography,
  { materials }: StoredKey,
  ciphertext: Uint8Array,
  context: EncryptionContext | undefined,
): Uint8Array => {
  const generation = ((ciphertext[MATERIAL_AT] as number) << 8) | (ciphertext[MATERIAL_AT + 1] as number);
  const material = materials[generation];
  if (material === undefined) throw invalidCiphertext();
  const nonce = ciphertext.subarray(NONCE_AT, TEXT_AT);
  const sealed = ciphertext.subarray(TEXT_AT);
  const text = cryptography.open(bytesOfHex(material.secret), nonce, sealed, additionalData(context));
  if (text === undefined) throw invalidCiphertext();
  return text;
};
