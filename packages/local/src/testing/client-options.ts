import type { LocalEngine } from '../local-engine.ts';

/** For tests: how a client of AWS's SDK finds the engine; it tries once. */
export const clientOptions = ({ endpoint }: LocalEngine) => ({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  maxAttempts: 1,
});
