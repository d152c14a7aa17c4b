import { fileURLToPath } from 'node:url';
import { synthesizeVendorOnboarding } from './synthesize.ts';

const assembly = await synthesizeVendorOnboarding(
  process.argv[2] ?? fileURLToPath(new URL('../cdk.out', import.meta.url)),
);
console.log(assembly);
