import { join } from 'node:path';
import type { DeployedStack, LocalEngine } from '@holdfast/local';
import { type RecoveryKind, type StackName, synthesizeStack } from '@holdfast/stacks';
import { STACK_NAME } from './stack-name.ts';

/** Where the synthesised app is kept between starts. */
const assemblyDirOf = (name: StackName, recovery: RecoveryKind): string => {
  if (name !== STACK_NAME) return join('.holdfast', `cdk.out-${name}`);
  return join('.holdfast', recovery === 'schedule' ? 'cdk.out' : `cdk.out-${recovery}`);
};

/** Who hears of uploads and alerts on the engine, where mail is captured and never sent. */
const PARAMETERS = { [STACK_NAME]: { NotificationEmail: 'vendors@example.com' } };

/** Synthesises a stack when its sources have changed, and deploys it to an engine of this process. */
export const deployStack = async (
  engine: LocalEngine,
  name: StackName,
  recovery: RecoveryKind = 'schedule',
  assemblyDir: string = assemblyDirOf(name, recovery),
): Promise<DeployedStack> => {
  const assembly = await synthesizeStack(name, assemblyDir, { recovery });
  const [stack] = await engine.deploy(assembly, name === STACK_NAME ? { parameters: PARAMETERS } : {});
  if (stack === undefined) throw new Error(`the assembly of ${name} has no stack`);
  return stack;
};

/** The pipelines for vendors' files. */
export const deployVendorOnboarding = (
  engine: LocalEngine,
  recovery?: RecoveryKind,
  assemblyDir?: string,
): Promise<DeployedStack> => deployStack(engine, STACK_NAME, recovery, assemblyDir);
