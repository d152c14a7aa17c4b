export type { CdkApp } from './deploy-source.ts';
export type { DurationLike, DurationParts } from './duration.ts';
export type { EventRecord, RecordSelector } from './event-records.ts';
export * from './events/index.ts';
export { type HandlerCall, HandlerSpy, InjectedFaultError, type RecordOutcome } from './handler-spy.ts';
export type { Loss } from './losses.ts';
export { type DeadLetterExpectation, type MatcherResult, matchers } from './matchers.ts';
export type { FailedMessage, QueueMessage } from './queues.ts';
export {
  type ClientClass,
  type ClientConfiguration,
  type FaultScope,
  type QuietOptions,
  startTestEngine,
  TestEngine,
  type TestEngineOptions,
  type UntilOptions,
} from './test-engine.ts';
export { TracedRecord } from './traced-record.ts';
