export { type AuditEntry, type AuditReport, readAudit } from './audit.ts';
export { AuditError, AuditFile } from './audit-file.ts';
export { AwsSender } from './aws-sender.ts';
export { destinationKindOf } from './delivery.ts';
export { type Filler, findFillers } from './fillers.ts';
export { planRedrive, type RedrivePlan } from './plan.ts';
export { type JobTime, type RedriveOptions, type RedriveResult, redrive } from './redrive.ts';
export { all, byField, byPath, type Selection } from './selection.ts';
export { type LookedAt, SqsQueue } from './sqs-queue.ts';
