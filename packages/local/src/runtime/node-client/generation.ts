/** Of AWS's runtime client for Node.js: 4 for `nodejs24.x` and later, 3 for everything before. */
export type Generation = 3 | 4;

/** The generation of AWS's client in a runtime such as `nodejs22.x`. */
export const generationOf = (runtime: string): Generation =>
  Number(/^nodejs(\d+)/.exec(runtime)?.[1] ?? 0) >= 24 ? 4 : 3;
