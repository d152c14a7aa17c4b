import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { FunctionSpec } from '@holdfast/engine';
import { type Generation, generationOf } from '../node-client/generation.ts';
import { lambdaFlags, parseNodeOptions } from '../node-options.ts';

/** What the bootstrap of a Node.js process is told. */
export interface BootstrapOptions {
  readonly generation: Generation;
  readonly importsFromNodePath: boolean;
  readonly sdkParents: readonly string[];
  readonly compileCache: string | undefined;
}

/** Share of a function's memory that V8's heap may have. */
const HEAP_SHARE = 0.9;

/** Version of Node.js in a runtime such as `nodejs22.x`. */
export const majorOf = (runtime: string): number => Number(/^nodejs(\d+)/.exec(runtime)?.[1] ?? 0);

/**
 * Lambda's Node.js brings the AWS SDK, here the clients that the engine has itself or that the directory it was started
 * in has installed.
 */
export const SDK_PARENTS: readonly string[] = [import.meta.url, pathToFileURL(join(process.cwd(), 'index.js')).href];

/** Parameters for the Node.js that runs the engine, with which it runs a function. */
export const nodeParameters = (spec: FunctionSpec, script: string): readonly string[] => {
  const major = majorOf(spec.runtime);
  const nodeOptions = parseNodeOptions(spec.environment['NODE_OPTIONS'] ?? '');
  const options: BootstrapOptions = {
    generation: generationOf(spec.runtime),
    importsFromNodePath: major >= 18,
    sdkParents: SDK_PARENTS,
    compileCache: undefined,
  };
  const heapMb = nodeOptions.heapMb ?? Math.floor(spec.memoryMb * HEAP_SHARE);
  return [
    `--max-old-space-size=${heapMb}`,
    '--no-warnings',
    ...lambdaFlags(major, nodeOptions),
    script,
    JSON.stringify(options),
  ];
};
