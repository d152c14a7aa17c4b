import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';
import { buildApp, type PropsOfStacks } from '../../packages/stacks/src/app.ts';
import { RECOVERIES } from '../../packages/stacks/src/recoveries.ts';
import { STACK_NAMES, type StackName } from '../../packages/stacks/src/stack-names.ts';
import { addConsoleFiles } from './console-files.ts';

const STACKS = join(process.cwd(), 'packages/stacks');

/** Files of each vendor that come along: enough to see every kind of row, few enough to install. */
const SAMPLES_PER_VENDOR = 2;

/** Puts the pipelines as they were synthesised in the place of the sources that synthesise them. */
export const preparedPipelines: Plugin = {
  name: 'prepared-pipelines',
  setup(build) {
    build.onResolve({ filter: /^@holdfast\/stacks$/ }, () => ({ path: join(STACKS, 'src/prepared.ts') }));
  },
};

/** The smallest files of each vendor that have more than a handful of rows. */
const addSamples = (to: string): void => {
  const from = join(STACKS, 'data/vendor-uploads');
  for (const vendor of readdirSync(from)) {
    const files = readdirSync(join(from, vendor))
      .map((name) => ({ name, bytes: statSync(join(from, vendor, name)).size }))
      .filter(({ bytes }) => bytes > 800)
      .sort((a, b) => a.bytes - b.bytes)
      .slice(0, SAMPLES_PER_VENDOR);
    mkdirSync(join(to, vendor), { recursive: true });
    for (const { name } of files) copyFileSync(join(from, vendor, name), join(to, vendor, name));
  }
  copyFileSync(join(STACKS, 'data/ATTRIBUTION.md'), join(to, '..', 'ATTRIBUTION.md'));
};

/** Leaves of an assembly's notes only what names its resources: the others tell lines of files on this machine. */
const forgetWhereItWasMade = (assembly: string): void => {
  for (const name of readdirSync(assembly).filter((file) => file.endsWith('.metadata.json'))) {
    const path = join(assembly, name);
    const metadata = JSON.parse(readFileSync(path, 'utf8')) as Record<string, readonly { readonly type: string }[]>;
    for (const [id, entries] of Object.entries(metadata)) {
      metadata[id] = entries.filter(({ type }) => type === 'aws:cdk:logicalId');
    }
    writeFileSync(path, JSON.stringify(metadata, null, 1));
  }
};

/** Assets lie beside the assemblies, each once: stacks share most of their handlers. */
const shareAssets = (assembly: string, shared: string): void => {
  for (const name of readdirSync(assembly).filter((file) => file.startsWith('asset.'))) {
    cpSync(join(assembly, name), join(shared, name), { recursive: true });
    rmSync(join(assembly, name), { recursive: true });
  }
  for (const name of readdirSync(assembly).filter((file) => file.endsWith('.assets.json'))) {
    const path = join(assembly, name);
    writeFileSync(path, readFileSync(path, 'utf8').replace(/"path": "asset\./g, '"path": "../assets/asset.'));
  }
};

/** The stacks as they were synthesised, each in a directory of its own. */
const addAssemblies = (to: string, synthesised: string): void => {
  const add = (directory: string, stack: StackName, props: PropsOfStacks = {}): void => {
    buildApp({ app: { outdir: synthesised }, stacks: [stack], props }).synth();
    forgetWhereItWasMade(synthesised);
    shareAssets(synthesised, join(to, 'assets'));
    cpSync(synthesised, join(to, directory), { recursive: true });
    rmSync(synthesised, { recursive: true });
  };
  for (const name of STACK_NAMES) {
    if (name !== 'VendorOnboarding') add(name, name);
    else for (const recovery of RECOVERIES) add(`${name}-${recovery}`, name, { [name]: { recovery } });
  }
};

/** The charting library's source map is larger than the rest of the command, and nobody debugs that library here. */
const dropChartMap = (lib: string): void => {
  for (const name of readdirSync(lib).filter((file) => /^chart-.*\.js$/.test(file))) {
    const path = join(lib, name);
    writeFileSync(path, readFileSync(path, 'utf8').replace(/\n\/\/# sourceMappingURL=.*\n?$/, '\n'));
    rmSync(`${path}.map`);
  }
};

/** The launcher, the stacks' cloud assemblies with their handlers, and a sample of the vendors' files. */
export const addCommandFiles = async (lib: string, root: string): Promise<void> => {
  const bin = join(root, 'bin');
  mkdirSync(bin, { recursive: true });
  copyFileSync('packages/cli/bin/installed.mjs', join(bin, 'holdfast.mjs'));
  for (const file of ['node-floor.mjs', 'few-arenas.mjs'])
    copyFileSync(join('packages/cli/bin', file), join(bin, file));
  chmodSync(join(bin, 'holdfast.mjs'), 0o755);
  dropChartMap(lib);
  addAssemblies(join(lib, 'assemblies'), join(root, '.synthesised'));
  addSamples(join(lib, 'vendor-uploads'));
  await addConsoleFiles(lib);
};
