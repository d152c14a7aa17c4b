import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RecoveryKind } from './recoveries.ts';
import { fingerprintSources } from './source-fingerprint.ts';
import { STACK_NAMES, type StackName } from './stack-names.ts';

/** Says what an assembly was made from; beside its manifest. */
const FINGERPRINT_FILE = 'sources.sha256';

/** All that ends up in the assembly: constructs, stacks, handlers, what handlers bundle, and the locked dependencies. */
const SOURCE_ROOTS = [
  '../../aws-model/src',
  '../../kernel/src',
  '../../ledger/src',
  '../../retry/src',
  '../../functions/src',
  '../../constructs/src',
  '../src',
  '../../../package-lock.json',
].map((path) => fileURLToPath(new URL(path, import.meta.url)));

export interface SynthesizeOptions {
  /** How dead-lettered uploads of `VendorOnboarding` come back. @default 'schedule' */
  readonly recovery?: RecoveryKind | undefined;
  /** Whether CDK looks through the templates too, which takes seconds; the engine judges what it is given itself. @default false */
  readonly isForAws?: boolean;
}

const replace = (assembly: string, made: string): void => {
  // Only what was made here is cleared away: the directory is the caller's choice, and what else it holds stays.
  if (existsSync(join(assembly, FINGERPRINT_FILE))) rmSync(assembly, { recursive: true, force: true });
  try {
    renameSync(made, assembly);
  } catch {
    cpSync(made, assembly, { recursive: true });
  }
};

/**
 * Writes the cloud assembly of one of the stacks, or of all of them, into `outputDirectory` and returns that directory.
 *
 * When nothing that goes into it has changed since, the assembly that stands there is kept and CDK is not even
 * loaded: a second start costs milliseconds.
 */
export const synthesizeStack = async (
  name: StackName | 'all',
  outputDirectory: string,
  { recovery = 'schedule', isForAws = false }: SynthesizeOptions = {},
): Promise<string> => {
  const assembly = resolve(outputDirectory);
  const fingerprintFile = join(assembly, FINGERPRINT_FILE);
  const fingerprint = `${name} ${recovery} ${isForAws} ${fingerprintSources(SOURCE_ROOTS)}`;
  const isMade = (): boolean => existsSync(fingerprintFile) && readFileSync(fingerprintFile, 'utf8') === fingerprint;
  if (isMade()) return assembly;
  const { buildApp } = await import('./app.ts');
  const stacks = name === 'all' ? STACK_NAMES : [name];
  mkdirSync(dirname(assembly), { recursive: true });
  // Beside it first: two who start at the same time must not write into each other's.
  const made = mkdtempSync(`${assembly}.`);
  try {
    const app = { outdir: made, builtinCloudFormationValidation: isForAws };
    buildApp({ app, stacks, props: { VendorOnboarding: { recovery } } }).synth();
    writeFileSync(join(made, FINGERPRINT_FILE), fingerprint);
    if (!isMade()) replace(assembly, made);
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
  return assembly;
};
