import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Names of the handler files in `packages/functions/src/handlers`. */
export type HandlerName =
  | 'chosen-outcome'
  | 'csv-parser'
  | 'csv-parser-retry'
  | 'error-processor'
  | 'ingestion-lab'
  | 'product-validator'
  | 'queue-consumer'
  | 'sqs-processor'
  | 'sqs-producer';

/** Finds the source file of a handler; tests give a small one. */
export type EntryOf = (name: HandlerName) => string;

/**
 * The file of a handler. Handlers are bundled from their sources and never imported: a stack must not load the code
 * that it deploys.
 */
export const handlerEntry: EntryOf = (name) => {
  const path = fileURLToPath(new URL(`../../functions/src/handlers/${name}.ts`, import.meta.url));
  if (!existsSync(path)) throw new Error(`there is no handler ${name} at ${path}`);
  return path;
};
