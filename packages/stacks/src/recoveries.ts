/** Ways in which dead-lettered uploads come back: on a schedule, or by a workflow for each. */
export const RECOVERIES = ['schedule', 'workflow'] as const;

/** One of {@link RECOVERIES}. */
export type RecoveryKind = (typeof RECOVERIES)[number];
