import { fileURLToPath } from 'node:url';
import { synthesizeStack } from './synthesize.ts';

/** All stacks in one assembly: `cdk deploy --app packages/stacks/cdk.out DlqReplay` takes the one that it is told. */
const directory = process.argv[2] ?? fileURLToPath(new URL('../cdk.out', import.meta.url));
const assembly = await synthesizeStack('all', directory, { isForAws: true });
console.log(assembly);
