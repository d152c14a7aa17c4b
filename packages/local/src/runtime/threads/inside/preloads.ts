import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { NodeOptions } from '../../node-options.ts';
import { importPreload } from './files/modules.ts';

/** Does what `NODE_OPTIONS` asks for before the function is loaded, from the code's directory as on Lambda. */
export const preload = async (options: NodeOptions, taskRoot: string): Promise<void> => {
  if (options.hasSourceMaps) process.setSourceMapsEnabled(true);
  if (options.stackTraceLimit !== undefined) Error.stackTraceLimit = options.stackTraceLimit;
  const require = createRequire(join(taskRoot, 'index.js'));
  for (const required of options.required) require(required);
  for (const imported of options.imported) await importPreload(imported);
};
