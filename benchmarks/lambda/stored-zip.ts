import { crc32 } from 'node:zlib';

const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const END_OF_DIRECTORY = 0x06054b50;
/** 1 January 1980, the first day that the format knows. */
const DATE = 0x21;
/** Readable by everybody, in the upper half as Unix wants it. */
const ATTRIBUTES = 0o100644 * 2 ** 16;

const words = (...fields: readonly (readonly [value: number, bytes: 2 | 4])[]): Buffer =>
  Buffer.concat(
    fields.map(([value, bytes]) => {
      const buffer = Buffer.alloc(bytes);
      buffer.writeUIntLE(value, 0, bytes);
      return buffer;
    }),
  );

/** A zip archive with one file, not compressed: enough to upload a function without a library. */
export const storedZip = (name: string, text: string): Buffer => {
  const [file, content] = [Buffer.from(name), Buffer.from(text)];
  const about = words(
    ...([
      [20, 2],
      [0, 2],
      [0, 2],
      [0, 2],
      [DATE, 2],
      [crc32(content), 4],
      [content.length, 4],
    ] as const),
    ...([
      [content.length, 4],
      [file.length, 2],
      [0, 2],
    ] as const),
  );
  const local = Buffer.concat([words([LOCAL_HEADER, 4]), about, file, content]);
  const rest = words([0, 2], [0, 2], [0, 2], [ATTRIBUTES, 4], [0, 4]);
  const central = Buffer.concat([words([CENTRAL_HEADER, 4], [20, 2]), about, rest, file]);
  const end = words(
    [END_OF_DIRECTORY, 4],
    [0, 2],
    [0, 2],
    [1, 2],
    [1, 2],
    [central.length, 4],
    [local.length, 4],
    [0, 2],
  );
  return Buffer.concat([local, central, end]);
};
