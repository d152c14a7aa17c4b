/** A source of randomness that can be repeated from its seed. */
export interface Random {
  /** Uniform in [0, 1). */
  nextUnit(): number;
  /** Uniform unsigned 32-bit integer. */
  nextUint32(): number;
  /** Uniform integer in [0, bound). */
  nextInt(bound: number): number;
  /** An independent source; drawing from it does not shift this one. Same name, same sequence. */
  stream(name: string): Random;
}

/** FNV-1a over UTF-16 code units: spreads a stream's name over 32 bits. */
const hashName = (name: string): number => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < name.length; index++) {
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
};

/** A `Random` over any source of unsigned 32-bit integers. */
export const randomFrom = (nextUint32: () => number, stream: (name: string) => Random): Random => ({
  nextUint32,
  nextUnit: () => (nextUint32() >>> 5) * 2 ** -27 + (nextUint32() >>> 6) * 2 ** -53,
  nextInt: (bound) => Math.floor((nextUint32() / 2 ** 32) * bound),
  stream,
});

/** Deterministic randomness (splitmix32): the same seed gives the same sequence on every machine. */
export const seededRandom = (seed: number): Random => {
  let state = seed >>> 0;
  const nextUint32 = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
  return randomFrom(nextUint32, (name) => seededRandom((seed ^ hashName(name)) >>> 0));
};
