/** The stacks of this package, in the order in which all of them are deployed. What each is stands in the README. */
export const STACK_NAMES = ['VendorOnboarding', 'DlqReplay', 'SqsRetry', 'InvocationRetries', 'IngestionLab'] as const;

/** One of {@link STACK_NAMES}. */
export type StackName = (typeof STACK_NAMES)[number];
