/** `PK\x05\x06`: the record that ends an archive and says where its directory lies. */
const END_SIGNATURE = 0x06054b50;
const END_BYTES = 22;
const COMMENT_MAX_BYTES = 65_535;
/** `PK\x01\x02`: an entry of the directory. */
const ENTRY_SIGNATURE = 0x02014b50;
const ENTRY_BYTES = 46;
/** "Made by" of archives that carry Unix permissions. */
const MADE_BY_UNIX = 3;

/** Where the record lies that ends an archive; `undefined` when there is none. */
const endOf = (bytes: Buffer): number | undefined => {
  let end = bytes.length - END_BYTES;
  const endMin = Math.max(0, end - COMMENT_MAX_BYTES);
  while (end >= endMin && bytes.readUInt32LE(end) !== END_SIGNATURE) end -= 1;
  return end < endMin ? undefined : end;
};

const bufferOf = (archive: Uint8Array): Buffer => Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength);

/** How many entries an archive says that it has, without a look at any. */
export const zipEntries = (archive: Uint8Array): number => {
  const bytes = bufferOf(archive);
  const end = endOf(bytes);
  return end === undefined ? 0 : bytes.readUInt16LE(end + 10);
};

/**
 * Unix permissions of the files in an archive, by name; absent for those that carry none (made on Windows).
 *
 * A custom runtime's `bootstrap` must be executable, and the unpacking library does not tell.
 *
 * @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT (4.3.12, 4.4.15)
 */
export const zipModes = (archive: Uint8Array): ReadonlyMap<string, number> => {
  const modes = new Map<string, number>();
  const bytes = bufferOf(archive);
  const end = endOf(bytes);
  if (end === undefined) return modes;
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (at + ENTRY_BYTES > bytes.length || bytes.readUInt32LE(at) !== ENTRY_SIGNATURE) break;
    const nameBytes = bytes.readUInt16LE(at + 28);
    const name = bytes.toString('utf8', at + ENTRY_BYTES, at + ENTRY_BYTES + nameBytes);
    const mode = (bytes.readUInt32LE(at + 38) >>> 16) & 0o777;
    if (bytes[at + 5] === MADE_BY_UNIX && mode !== 0) modes.set(name, mode);
    at += ENTRY_BYTES + nameBytes + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return modes;
};
