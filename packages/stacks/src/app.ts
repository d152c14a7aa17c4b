import { App, type AppProps, type Stack, Tags } from 'aws-cdk-lib';
import { acknowledgeFindings } from './acknowledged-findings.ts';
import { DlqReplayStack, type DlqReplayStackProps } from './dlq-replay-stack.ts';
import { IngestionLabStack, type IngestionLabStackProps } from './ingestion-lab-stack.ts';
import { InvocationRetriesStack, type InvocationRetriesStackProps } from './invocation-retries-stack.ts';
import { SqsRetryStack, type SqsRetryStackProps } from './sqs-retry-stack.ts';
import { STACK_NAMES, type StackName } from './stack-names.ts';
import { VendorOnboardingStack, type VendorOnboardingStackProps } from './vendor-onboarding-stack.ts';

/** Props of each stack, by its name. */
export interface PropsOfStacks {
  readonly VendorOnboarding?: VendorOnboardingStackProps;
  readonly DlqReplay?: DlqReplayStackProps;
  readonly SqsRetry?: SqsRetryStackProps;
  readonly InvocationRetries?: InvocationRetriesStackProps;
  readonly IngestionLab?: IngestionLabStackProps;
}

type MakerOf = { readonly [Name in StackName]: (app: App, props: PropsOfStacks[Name]) => Stack };

/** How each stack is made; on AWS and on the local engine it bears the name that it has here. */
const MAKERS: MakerOf = {
  VendorOnboarding: (app, props) => {
    const stack = new VendorOnboardingStack(app, 'VendorOnboarding', props);
    Tags.of(stack).add('Project', 'ecommerce-onboarding');
    return stack;
  },
  DlqReplay: (app, props) => new DlqReplayStack(app, 'DlqReplay', props),
  SqsRetry: (app, props) => new SqsRetryStack(app, 'SqsRetry', props),
  InvocationRetries: (app, props) => new InvocationRetriesStack(app, 'InvocationRetries', props),
  IngestionLab: (app, props) => new IngestionLabStack(app, 'IngestionLab', props),
};

const make = <Name extends StackName>(app: App, name: Name, props: PropsOfStacks): Stack =>
  MAKERS[name](app, props[name]);

/**
 * The CDK app, with all stacks or with those that are named. Account and region stay open: one template serves AWS
 * (default bootstrap) and the local engine.
 *
 * No lookups and no analytics resource, so that synthesis needs no network and gives the same bytes everywhere.
 */
export const buildApp = (
  options: { readonly app?: AppProps; readonly stacks?: readonly StackName[]; readonly props?: PropsOfStacks } = {},
): App => {
  const app = new App({ analyticsReporting: false, treeMetadata: false, stackTraces: false, ...options.app });
  for (const name of options.stacks ?? STACK_NAMES) acknowledgeFindings(make(app, name, options.props ?? {}));
  return app;
};
