/** The stack of the vendors' pipeline, on AWS and on the engine. */
export const STACK_NAME = 'VendorOnboarding';

/** As `@holdfast/stacks` has them, which is too heavy to load for a help text; a test compares. */
export const STACK_CHOICES = [
  'VendorOnboarding',
  'DlqReplay',
  'SqsRetry',
  'InvocationRetries',
  'IngestionLab',
] as const;
