import { unzipSync } from 'fflate';

/** What the files of an archive take when unpacked, as its own directory says; 0 when there is no directory to read. */
export const unzippedBytesOf = (archive: Uint8Array): number => {
  let total = 0;
  try {
    unzipSync(archive, {
      filter: ({ originalSize }) => {
        total += originalSize;
        return false;
      },
    });
  } catch {
    // Whoever unpacks it says what is wrong with it.
  }
  return total;
};
