import { join, resolve } from 'node:path';

/** The audit log that is named, or the one beside the state. */
export const auditPath = (file: string | undefined): string =>
  resolve(file ?? join(process.env['HOLDFAST_DATA_DIR'] ?? '.holdfast', 'audit', 'redrive.jsonl'));
