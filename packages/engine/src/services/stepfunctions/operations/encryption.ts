/** Other keys are refused. */
export const OWNED_BY_AWS = { type: 'AWS_OWNED_KEY' } as const;
