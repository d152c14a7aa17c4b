import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Names of the handler files in `packages/functions/src/handlers`. */
export type HandlerName = 'csv-parser' | 'product-validator' | 'error-processor' | 'csv-parser-retry';

/**
 * The file of a handler. Handlers are bundled from their sources and never imported: a stack must not load the code
 * that it deploys.
 */
export const handlerEntry = (name: HandlerName): string => {
  const path = fileURLToPath(new URL(`../../functions/src/handlers/${name}.ts`, import.meta.url));
  if (!existsSync(path)) throw new Error(`there is no handler ${name} at ${path}`);
  return path;
};
