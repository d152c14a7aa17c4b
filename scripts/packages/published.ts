import type { Plugin } from 'esbuild';
import { addCommandFiles, preparedPipelines } from './command-files.ts';
import { addHandlers } from './construct-handlers.ts';
import { bundledCharts } from './dashboard-files.ts';
import { addRuntimeFiles } from './runtime-files.ts';

/** A package that people install. All other packages of the workspace are private: what is needed of them is bundled. */
export interface PublishedPackage {
  /** Folder below `packages`. */
  readonly folder: string;
  readonly name: string;
  /** Modules by the file that they become, without extension; they have declarations when `hasTypes`. */
  readonly entries: Readonly<Record<string, string>>;
  /** Whether somebody imports it: then it has declarations and an API report. */
  readonly hasTypes: boolean;
  /** Puts what is no module of its own into `lib`: code for threads, handlers, data. */
  readonly addFiles?: (lib: string, root: string) => Promise<void> | void;
  readonly plugins?: readonly Plugin[];
  /** Packages that nothing of ours imports, and that functions find as on AWS. */
  readonly forFunctions?: readonly string[];
  /** Largest tarball that is let through, in bytes. */
  readonly tarballBytesMax: number;
}

const KIB = 1_024;

export const PUBLISHED: readonly PublishedPackage[] = [
  {
    folder: 'local',
    name: '@holdfast/local',
    entries: { index: 'src/index.ts' },
    hasTypes: true,
    addFiles: addRuntimeFiles,
    plugins: [bundledCharts],
    forFunctions: ['@aws-sdk/lib-dynamodb', '@aws-sdk/lib-storage', '@aws-sdk/s3-request-presigner'],
    tarballBytesMax: 4_800 * KIB,
  },
  {
    folder: 'constructs',
    name: '@holdfast/constructs',
    // Who deploys by the constructs writes handlers for them: one package, and a stack loads nothing of what it deploys.
    entries: { index: 'src/index.ts', handlers: '../functions/src/middleware/index.ts' },
    hasTypes: true,
    addFiles: addHandlers,
    tarballBytesMax: 600 * KIB,
  },
  {
    folder: 'testing',
    name: '@holdfast/testing',
    entries: { index: 'src/index.ts', vitest: 'src/vitest.ts' },
    hasTypes: true,
    // Half of it are the source maps and the declarations with their comments, two fifths what reads Terraform's plans.
    tarballBytesMax: 144 * KIB,
  },
  {
    folder: 'cli',
    name: 'holdfast',
    entries: { main: 'src/main.ts' },
    hasTypes: false,
    addFiles: addCommandFiles,
    plugins: [preparedPipelines, bundledCharts],
    // The handlers of the prepared stacks, what draws the charts of `patterns` and `gameday` (1 MiB with its map), and 560 KiB of the console's pages, most of
    // them Cloudscape's components and styles; no other package has them.
    tarballBytesMax: 4_200 * KIB,
  },
];
