/**
 * Moves UTF-16 code units so that their numeric order is the order of the UTF-8 bytes they stand for: surrogates
 * (U+10000 and above) come after U+E000..U+FFFF.
 */
const rank = (unit: number): number => (unit < 0xd800 ? unit : unit >= 0xe000 ? unit - 0x800 : unit + 0x2000);

/** Compares two keys as S3 lists them: by their UTF-8 bytes. */
export const compareUtf8 = (a: string, b: string): number => {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
};
