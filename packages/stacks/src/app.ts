import { App, type AppProps, Tags } from 'aws-cdk-lib';
import { acknowledgeFindings } from './acknowledged-findings.ts';
import { VendorOnboardingStack, type VendorOnboardingStackProps } from './vendor-onboarding-stack.ts';

/** Name of the stack on AWS and on the local engine. */
export const VENDOR_ONBOARDING = 'VendorOnboarding';

/**
 * The CDK app. Account and region stay open: one template serves AWS (default bootstrap) and the local engine.
 *
 * No lookups and no analytics resource, so that synthesis needs no network and gives the same bytes everywhere.
 */
export const buildApp = (
  options: { readonly app?: AppProps; readonly vendorOnboarding?: VendorOnboardingStackProps } = {},
): { readonly app: App; readonly vendorOnboarding: VendorOnboardingStack } => {
  const app = new App({ analyticsReporting: false, treeMetadata: false, stackTraces: false, ...options.app });
  const vendorOnboarding = new VendorOnboardingStack(app, VENDOR_ONBOARDING, options.vendorOnboarding);
  Tags.of(app).add('Project', 'ecommerce-onboarding');
  acknowledgeFindings(vendorOnboarding);
  return { app, vendorOnboarding };
};
