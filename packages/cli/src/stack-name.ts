/** The pipeline's stack, on AWS and on the engine. */
export const STACK_NAME = 'VendorOnboarding';
