import { join } from 'node:path';
import { type DeployedStack, deployAssembly, engineTarget, type LocalEngine } from '@holdfast/local';
import { synthesizeVendorOnboarding } from '@holdfast/stacks';

/** Where the synthesised app is kept between starts. */
const ASSEMBLY_DIR = join('.holdfast', 'cdk.out');

/** Synthesises the pipelines when their sources have changed, and deploys them to an engine of this process. */
export const deployVendorOnboarding = async (
  engine: LocalEngine,
  assemblyDir: string = ASSEMBLY_DIR,
): Promise<DeployedStack> => {
  const assembly = await synthesizeVendorOnboarding(assemblyDir);
  const [stack] = await deployAssembly(
    engineTarget(engine.engine, () => engine.context()),
    assembly,
  );
  if (stack === undefined) throw new Error('the assembly has no stack');
  return stack;
};
