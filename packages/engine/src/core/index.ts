export {
  type ApiCaller,
  type ApiCodec,
  type ApiCodecs,
  ApiInputError,
  apiCaller,
  instantText,
  plainCodecs,
} from './api-caller.ts';
export { parseBoundedJson } from './bounded-json.ts';
export type {
  AxisView,
  ChartKind,
  ChartPainter,
  ChartView,
  HorizontalView,
  SeriesView,
  WidgetContent,
} from './chart-painter.ts';
export { Constraints } from './constraints.ts';
export { DataKeys } from './data-keys.ts';
export type {
  BucketObject,
  BusEvent,
  Deliverables,
  DeliveredAttribute,
  Delivery,
  DeliveryResult,
  DeliveryTarget,
  DeliveryTargets,
  ExecutionStart,
  QueueMessage,
  Sender,
  StreamRecord,
  TargetKind,
  TopicMessage,
} from './delivery.ts';
export { DEFAULT_ENGINE_SETTINGS, type EngineSettings, type ServiceEnvironment } from './environment.ts';
export { parseCidr, parseIp } from './event-pattern/cidr.ts';
export {
  compileEventPattern,
  compilePatternObject,
  type EventPattern,
  EventPatternError,
} from './event-pattern/event-pattern.ts';
export { type JsonToken, locationText, tokenize } from './event-pattern/json-tokens.ts';
export { PatternIndex } from './event-pattern/pattern-index.ts';
export {
  type BatchConsumer,
  type BatchOffer,
  type BatchRefusal,
  type BatchResult,
  batchInfoOf,
  compileSqsFilters,
  compileStreamFilters,
  type GivenUp,
  type LaneEntry,
  type Poller,
  type ProvisionedPollers,
  type QueueReading,
  readBatchResponse,
  SqsPoller,
  StreamCheckpoints,
  type StreamConsumer,
  type StreamKind,
  StreamPoller,
  type StreamReading,
  WINDOW_STATE_MAX_BYTES,
} from './event-sources/index.ts';
export { ForeignDataError } from './foreign-data-error.ts';
export type {
  FailedInitialisation,
  FunctionRuntime,
  FunctionSpec,
  OnProvisionSettled,
  RuntimeInvocation,
  RuntimeOutcome,
} from './function-runtime.ts';
export { type CorsSettings, preflightAnswer, withCors, withoutCors } from './http-cors.ts';
export {
  commonLogTime,
  decodedPath,
  eventBody,
  eventHeaders,
  type HttpEventPlace,
  httpEvent,
  httpResponse,
  queryParameters,
} from './http-event.ts';
export { headerText, isHeader, isOfOneHop } from './http-headers.ts';
export {
  type FoundRoute,
  type HttpRoute,
  HttpRoutes,
  ROUTES_PREFIX,
  type RouteAnswer,
  type RoutePlace,
  type RouteRequest,
} from './http-route.ts';
export {
  type HttpCall,
  type HttpHeaders,
  type HttpOutcome,
  type HttpSender,
  noHttp,
  type RawAnswer,
} from './http-sender.ts';
export { canonicalJson, isObject, type Json, type JsonObject, jsonIn, objectIn, sameJson } from './json.ts';
export { parsePath, valueAt } from './json-path.ts';
export { type KeySource, type KeyUse, type KeyUser, keyFault, keyUseFor } from './key-source.ts';
export { Listeners } from './listeners.ts';
export type { CapturedMail, MailSource } from './mail-source.ts';
export { type MessageSigner, standInSigner } from './message-signer.ts';
export {
  type LogGroupPlace,
  type LogSink,
  type LogTarget,
  logGroupOf,
  type MetricPoint,
  type MetricSink,
} from './metrics.ts';
export type { ObjectSource } from './object-source.ts';
export {
  type Operation,
  type OperationTable,
  operation,
  type RequestContext,
  type Result,
  refuseUnmodelled,
} from './operation.ts';
export type { Operations, WithBody } from './operations-of.ts';
export { isElsewhere } from './own-arn.ts';
export { byUnits, type Page, type PageRequest, pageByKey, pageByPosition, withNextToken } from './paging.ts';
export {
  type PrincipalIds,
  type PrincipalSource,
  principalIdOf,
  type SessionSource,
  standInId,
} from './principal-source.ts';
export type { FailedRun, QueueFacts, QueueSource, SourceMessage, SourceMessageAttribute } from './queue-source.ts';
export { judgePolicy, matchesWildcard, type PolicyQuestion, policyAllows } from './resource-policy.ts';
export {
  areTooManyTags,
  isSystemTag,
  limitedTags,
  listTags,
  mergedTagList,
  RESOURCE_TAGS_MAX,
  readLowerCaseTags,
  readTags,
  resourceTagOperations,
  TAGS_IN_LOWER_CASE_LIST,
  TAGS_IN_MAP,
  type TaggedResource,
  type TagSpelling,
  type Tags,
  tagsInList,
  withoutListedTags,
  withoutTags,
} from './resource-tags.ts';
export * from './resources/index.ts';
export { type Cron, nextCronRun, parseCron } from './schedules/cron.ts';
export { isTimeZone, momentOf, wallClockAt } from './schedules/zoned-time.ts';
export { sdkCall } from './sdk-services.ts';
export type { Lent, Service } from './service.ts';
export type { ServiceDescriptor, WireFacts } from './service-descriptor.ts';
export { notSupported, ServiceError } from './service-error.ts';
export { compareSequenceNumbers, ShardLog, type ShardLogEntry } from './shard-log.ts';
export { type BlobStore, type Collection, MemoryStore, type Store } from './store.ts';
export type { SourceRecord, SourceShard, StreamFacts, StreamSource, StreamStart } from './stream-source.ts';
export type { StreamedChange, StreamedTable, TableStreams } from './table-streams.ts';
export { TARGET_RETRY_BACKOFF, TARGET_RETRY_DEFAULTS } from './target-retries.ts';
export { fillPlaceholders } from './template-text.ts';
export { matchesRuns } from './text-runs.ts';
export { TokenBucket } from './token-bucket.ts';
export { newTraceId, openTraceHeader, type TraceParts, traceParts } from './trace-header.ts';
export type { SampledRequest, TraceSegment, TraceSink } from './trace-sink.ts';
