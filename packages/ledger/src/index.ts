export { type AuditEntry, type AuditReport, readAudit } from './audit.ts';
export { AuditError, AuditFile } from './audit-file.ts';
export { AwsSender } from './aws-sender.ts';
export { chosenLetters } from './chosen-letters.ts';
export { createOperations, type OperationsPorts } from './create-operations.ts';
export { type ChosenLetter, destinationKindOf, MARK } from './delivery.ts';
export { type DescribedFailure, describeLetter, type LetterContext } from './failures/describe-letter.ts';
export type {
  Explanation,
  Failure,
  FailureArrivals,
  FailureFingerprint,
  FailureGroup,
  FailureMoment,
  FailurePage,
  FailurePlace,
  FailureQuery,
  FailureSource,
  FailureState,
  FailureTotals,
  Mute,
  QueueReading,
  SourceKind,
} from './failures/failure.ts';
export { FileGroupMarks, type GroupMark, type GroupMarks, MemoryGroupMarks } from './failures/group-marks.ts';
export { type Filler, findFillers } from './fillers.ts';
export { fingerprintOf } from './fingerprints/fingerprint.ts';
export { type FingerprintRule, parseRules } from './fingerprints/rules.ts';
export { DynamoDbJobStore } from './jobs/dynamodb-job-store.ts';
export { FileJobStore } from './jobs/file-job-store.ts';
export type {
  Job,
  JobCounts,
  JobLease,
  JobState,
  JobStore,
  JobWish,
  MessageResult,
  RedriveRequest,
  Trace,
} from './jobs/job.ts';
export { JobNotFoundError, JobStateError, LeaseLostError } from './jobs/job-state.ts';
export { MemoryJobStore } from './jobs/memory-job-store.ts';
export { NotSupportedError } from './not-supported.ts';
export type {
  FailureDesk,
  Operations,
  RedriveDesk,
  Rehearsal,
  RehearsalRequest,
  RehearsedMessage,
  RepairedBody,
  RepairPreview,
  RunLimits,
} from './operations.ts';
export { planRedrive, type RedrivePlan, type RedrivePreview } from './plan.ts';
export { type QueueHolders, queueHolders } from './queue-holders.ts';
export { queueReaders } from './queue-readers.ts';
export { createQueueRedrive, type QueueRedrivePorts } from './queue-redrive.ts';
export { readLetter } from './reasons/read-letter.ts';
export { Reasons } from './reasons/reasons.ts';
export { redrive } from './redrive.ts';
export type { JobTime, RedriveOptions, RedriveResult } from './redrive-ports.ts';
export { all, byField, byPath, type Selection } from './selection.ts';
export { type LookedAt, SqsQueue } from './sqs-queue.ts';
export type { Target } from './target.ts';
export { ORIGIN } from './way-back.ts';
