import { parseArn } from '@holdfast/aws-model';
import {
  type BatchOffer,
  type BatchRefusal,
  type BatchResult,
  type GivenUp,
  type Json,
  type JsonObject,
  readBatchResponse,
  type ServiceEnvironment,
  ServiceError,
  type StreamConsumer,
} from '../../core/index.ts';
import { failureRecordOf } from './failure-record.ts';
import { fillTemplate, type PipeFacts } from './input-template.ts';
import { recordPipeMetric } from './metrics.ts';
import { type ExecutionTrail, PipeLog } from './pipe-log.ts';
import { sourceKindOf } from './pipe-settings.ts';
import { type PipeEvent, PipeTarget } from './pipe-target.ts';
import { pipeArnOf, type StoredPipe } from './stored-pipe.ts';
import { callAndWait } from './synchronous-call.ts';

/** 6 MB, as functions take it. */
const BATCH_BYTES_MAX = 6_291_456;

/** Records of Kinesis are flat in a pipe; the others are what functions get. */
const eventOf = (record: string): JsonObject => {
  const { kinesis, ...rest } = JSON.parse(record) as JsonObject;
  return kinesis === undefined ? rest : { ...(kinesis as JsonObject), ...rest };
};

const recordIdOf = (event: JsonObject): string | undefined => {
  const dynamodb = event['dynamodb'] as JsonObject | undefined;
  const id = event['messageId'] ?? event['sequenceNumber'] ?? dynamodb?.['SequenceNumber'];
  return typeof id === 'string' ? id : undefined;
};

const isThrottle = ({ code, status }: ServiceError): boolean => status === 429 || /Throttl|TooManyRequests/.test(code);

/** What a pipe does with each batch: enrich, transform, deliver. */
export class PipeConsumer implements StreamConsumer {
  readonly batchBytesMax = BATCH_BYTES_MAX;
  readonly #environment: ServiceEnvironment;
  readonly #pipe: StoredPipe;
  readonly #target: PipeTarget;
  readonly #log: PipeLog;

  constructor(environment: ServiceEnvironment, pipe: StoredPipe) {
    this.#environment = environment;
    this.#pipe = pipe;
    this.#target = new PipeTarget(environment, pipe);
    this.#log = new PipeLog(environment, pipe);
  }

  /** A pipe asks nothing of its queue's visibility timeout beyond its batching window. */
  timeoutSeconds(): number {
    return 0;
  }

  roleArn(): string {
    return this.#pipe.roleArn;
  }

  offer(batch: BatchOffer, onDone: (result: BatchResult | BatchRefusal) => void): BatchRefusal | undefined {
    const startedAt = this.#environment.clock.now();
    this.#count('Invocations', 1);
    this.#count('EventCount', batch.records.length);
    const trail = this.#log.begin();
    const events = batch.records.map(eventOf);
    trail.tell('ExecutionStarted', () => ({ payload: JSON.stringify(events) }));
    const end = (result: BatchResult | BatchRefusal): void => {
      this.#count('Duration', this.#environment.clock.now() - startedAt, 'Milliseconds');
      onDone(result);
    };
    this.#enrich(events, trail, {
      ok: (enriched) => this.#deliver(enriched, trail, end),
      failed: (error) => this.#failed('EnrichmentStageFailed', error, trail, end),
    });
    return undefined;
  }

  worked(): void {}

  gaveUp(records: GivenUp): void {
    const kind = sourceKindOf(this.#pipe.source);
    const { KinesisStreamParameters, DynamoDBStreamParameters } = this.#pipe.sourceParameters;
    const targetArn = (KinesisStreamParameters ?? DynamoDBStreamParameters)?.DeadLetterConfig?.Arn;
    if (targetArn === undefined) return;
    const { deliver, clock } = this.#environment;
    const body = failureRecordOf(this.#pipe, kind === 'dynamodb' ? 'dynamodb' : 'kinesis', records, clock.now());
    const sender = { roleArn: this.#pipe.roleArn };
    if (parseArn(targetArn)?.service === 'sns') deliver.to('topic', targetArn, { message: body }, sender);
    else deliver.to('queue', targetArn, { body }, sender);
  }

  /** The records as events, or what the enrichment made of them. */
  #enrich(
    events: readonly JsonObject[],
    trail: ExecutionTrail,
    end: { ok: (events: readonly PipeEvent[]) => void; failed: (error: ServiceError) => void },
  ): void {
    const { enrichment, enrichmentParameters } = this.#pipe;
    if (enrichment === undefined) {
      end.ok(events.map((event) => ({ event, input: event, recordId: recordIdOf(event) })));
      return;
    }
    trail.tell('EnrichmentStageEntered', () => ({ payload: JSON.stringify(events) }));
    const template = enrichmentParameters?.InputTemplate;
    const inputs = this.#transformed('Enrichment', template, events, trail);
    const awsRequest = JSON.stringify(inputs);
    trail.tell('EnrichmentInvocationStarted');
    const failed = (error: ServiceError): void => {
      trail.fail('EnrichmentInvocationFailed', { error, arn: enrichment }, () => ({ awsRequest }));
      end.failed(error);
    };
    callAndWait(this.#environment, this.#pipe, enrichment, awsRequest, {
      failed,
      ok: (response) => {
        let returned: Json;
        try {
          returned = response.trim() === '' ? [] : (JSON.parse(response) as Json);
        } catch {
          failed(new ServiceError('EnrichmentFailed', 'The enrichment did not return JSON.'));
          return;
        }
        trail.tell('EnrichmentInvocationSucceeded', () => ({ awsRequest, awsResponse: response }));
        trail.tell('EnrichmentStageSucceeded', () => ({ payload: response }));
        const list: readonly Json[] = Array.isArray(returned) ? returned : returned === null ? [] : [returned];
        const isSame = list.length === events.length;
        end.ok(
          list.map((event, index) => {
            const recordId = isSame ? recordIdOf(events[index] as JsonObject) : undefined;
            return { event, input: event, recordId };
          }),
        );
      },
    });
  }

  #deliver(
    events: readonly PipeEvent[],
    trail: ExecutionTrail,
    end: (result: BatchResult | BatchRefusal) => void,
  ): void {
    // An enrichment that returns nothing has filtered everything out.
    if (events.length === 0) {
      this.#count('TargetStageSkipped', 1);
      trail.tell('TargetStageSkipped');
      trail.tell('ExecutionSucceeded');
      end({ isError: false, payload: '', executedVersion: '' });
      return;
    }
    const { InputTemplate } = this.#pipe.targetParameters;
    const contents = events.map(({ event }) => event);
    trail.tell('TargetStageEntered', () => ({ payload: JSON.stringify(contents) }));
    const inputs = this.#transformed('Target', InputTemplate, contents, trail);
    const transformed = events.map((each, index) => ({ ...each, input: inputs[index] as Json }));
    const request = () => ({ awsRequest: JSON.stringify(inputs) });
    trail.tell('TargetInvocationStarted');
    this.#target.deliver(transformed, {
      ok: (payload) => {
        this.#tellDelivered(events, payload, request, trail);
        end({ isError: false, payload, executedVersion: '' });
      },
      failed: (error) => {
        trail.fail('TargetInvocationFailed', { error, arn: this.#pipe.target }, request);
        this.#failed('TargetStageFailed', error, trail, end);
      },
    });
  }

  /** What the target took, it may have taken in part. */
  #tellDelivered(
    events: readonly PipeEvent[],
    response: string,
    request: () => { readonly awsRequest: string },
    trail: ExecutionTrail,
  ): void {
    const ids = new Set(events.map(({ recordId }) => recordId).filter((id) => id !== undefined));
    const { kind } = readBatchResponse(response, ids);
    const data = () => ({ ...request(), ...(response === '' ? {} : { awsResponse: response }) });
    if (kind === 'all-succeeded') {
      trail.tell('TargetInvocationSucceeded', data);
      trail.tell('TargetStageSucceeded');
      trail.tell('ExecutionSucceeded');
      return;
    }
    const how = kind === 'partial' ? 'PartiallyFailed' : 'Failed';
    this.#count(`TargetStage${how}`, 1);
    this.#count(`Execution${how}`, 1);
    trail.tell(`TargetInvocation${how}`, data);
    trail.tell(`TargetStage${how}`);
    trail.tell(`Execution${how}`);
  }

  /** Inputs of a stage, by its template when it has one. */
  #transformed(
    stage: 'Enrichment' | 'Target',
    template: string | undefined,
    events: readonly Json[],
    trail: ExecutionTrail,
  ): readonly Json[] {
    if (template === undefined || template === '') return events;
    trail.tell(`${stage}TransformationStarted`);
    const facts = this.#facts();
    const inputs = events.map((event) => fillTemplate(template, event, facts));
    trail.tell(`${stage}TransformationSucceeded`, () => ({ payload: JSON.stringify(inputs) }));
    return inputs;
  }

  #failed(
    stage: 'EnrichmentStageFailed' | 'TargetStageFailed',
    error: ServiceError,
    trail: ExecutionTrail,
    end: (result: BatchResult | BatchRefusal) => void,
  ): void {
    const { enrichment = '', target } = this.#pipe;
    const failed = { error, arn: stage === 'TargetStageFailed' ? target : enrichment };
    if (isThrottle(error)) {
      this.#count('ExecutionThrottled', 1);
      trail.fail('ExecutionThrottled', failed);
      end('later');
      return;
    }
    this.#count(stage, 1);
    this.#count('ExecutionFailed', 1);
    trail.fail(stage, failed);
    trail.fail('ExecutionFailed', failed);
    end({
      isError: true,
      payload: JSON.stringify({ errorType: error.code, errorMessage: error.message }),
      executedVersion: '',
    });
  }

  #facts(): PipeFacts {
    const { name, source, enrichment = '', target } = this.#pipe;
    const ingestedAt = new Date(this.#environment.clock.now()).toISOString();
    const arns = { pipeArn: pipeArnOf(this.#pipe), sourceArn: source, enrichmentArn: enrichment, targetArn: target };
    return { ...arns, pipeName: name, ingestedAt };
  }

  #count(name: Parameters<typeof recordPipeMetric>[2], value: number, unit: 'Count' | 'Milliseconds' = 'Count'): void {
    recordPipeMetric(this.#environment, this.#pipe, name, value, unit);
  }
}
