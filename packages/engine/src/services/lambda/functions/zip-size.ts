/** `PK\x05\x06`: the record that ends an archive and says where its directory lies. */
const END_SIGNATURE = 0x06054b50;
const END_BYTES = 22;
const COMMENT_MAX_BYTES = 65_535;
/** `PK\x01\x02`: an entry of the directory. */
const ENTRY_SIGNATURE = 0x02014b50;
const ENTRY_BYTES = 46;

/**
 * What the files of an archive take when unpacked, as its own directory says; 0 when there is no directory to read.
 *
 * @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT (4.3.12)
 */
export const unzippedBytesOf = (archive: Uint8Array): number => {
  const bytes = Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength);
  let end = bytes.length - END_BYTES;
  const endMin = Math.max(0, end - COMMENT_MAX_BYTES);
  while (end >= endMin && bytes.readUInt32LE(end) !== END_SIGNATURE) end -= 1;
  if (end < endMin) return 0;
  let total = 0;
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (at + ENTRY_BYTES > bytes.length || bytes.readUInt32LE(at) !== ENTRY_SIGNATURE) break;
    total += bytes.readUInt32LE(at + 24);
    at += ENTRY_BYTES + bytes.readUInt16LE(at + 28) + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return total;
};
