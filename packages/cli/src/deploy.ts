import { join } from 'node:path';
import type { DeployedStack, LocalEngine } from '@holdfast/local';
import { type RecoveryKind, synthesizeVendorOnboarding } from '@holdfast/stacks';
import { STACK_NAME } from './stack-name.ts';

/** Where the synthesised app is kept between starts. */
const assemblyDirOf = (recovery: RecoveryKind): string =>
  join('.holdfast', recovery === 'schedule' ? 'cdk.out' : `cdk.out-${recovery}`);

/** Who hears of uploads and alerts on the engine, where mail is captured and never sent. */
const NOTIFICATION_EMAIL = 'vendors@example.com';

/** Synthesises the pipelines when their sources have changed, and deploys them to an engine of this process. */
export const deployVendorOnboarding = async (
  engine: LocalEngine,
  recovery: RecoveryKind = 'schedule',
  assemblyDir: string = assemblyDirOf(recovery),
): Promise<DeployedStack> => {
  const assembly = await synthesizeVendorOnboarding(assemblyDir, recovery);
  const [stack] = await engine.deploy(assembly, {
    parameters: { [STACK_NAME]: { NotificationEmail: NOTIFICATION_EMAIL } },
  });
  if (stack === undefined) throw new Error('the assembly has no stack');
  return stack;
};
