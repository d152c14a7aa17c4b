/** Who starts the code: our thread, our Python script, or the function's own `bootstrap`. */
export type RuntimeFamily = 'nodejs' | 'python' | 'provided';

/** The family of a runtime identifier, or `undefined` when functions with it cannot be run here. */
export const runtimeFamilyOf = (runtime: string): RuntimeFamily | undefined => {
  if (runtime.startsWith('nodejs')) return 'nodejs';
  if (runtime.startsWith('python3.')) return 'python';
  if (/^provided(\.al2|\.al2023)?$/.test(runtime)) return 'provided';
  return undefined;
};
