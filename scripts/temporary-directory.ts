import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let directory: string | undefined;

/**
 * Everything that tests, and the commands and CDK apps that they start, put into the directory for temporary files goes into
 * one that is removed when all have run: also what somebody left who was killed.
 */
export default (): (() => void) | undefined => {
  // Asked once for each project, in one process.
  if (directory !== undefined) return undefined;
  directory = mkdtempSync(join(tmpdir(), 'holdfast-tests-'));
  process.env['TMPDIR'] = directory;
  const made = directory;
  // Somebody who is just ending may still write there.
  return () => rmSync(made, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
};
