import {
  type Clock,
  type Digest,
  type EpochMs,
  type IdSource,
  type Random,
  TimerQueue,
  type Wakeable,
} from '@holdfast/kernel';
import {
  type ApiCodecs,
  apiCaller,
  DEFAULT_ENGINE_SETTINGS,
  type EngineSettings,
  type FunctionRuntime,
  notSupported,
  plainCodecs,
  type RequestContext,
  refuseUnmodelled,
  type Service,
  type ServiceEnvironment,
  type Store,
} from './core/index.ts';
import { routeDeliveries } from './delivery-router.ts';
import { CloudWatchService } from './services/cloudwatch/index.ts';
import { DynamoDbService } from './services/dynamodb/index.ts';
import { DynamoDbStreamsService } from './services/dynamodbstreams/index.ts';
import { EventsService } from './services/events/index.ts';
import { IamService } from './services/iam/index.ts';
import { KinesisService } from './services/kinesis/index.ts';
import { LambdaService, type UrlRequest, type UrlResponse } from './services/lambda/index.ts';
import { LogsService } from './services/logs/index.ts';
import { S3Service } from './services/s3/index.ts';
import { type CapturedMail, SnsService } from './services/sns/index.ts';
import { SqsService } from './services/sqs/index.ts';
import { SsmService } from './services/ssm/index.ts';
import { StsService } from './services/sts/index.ts';
import { routeStreams } from './stream-router.ts';

export interface EngineOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: IdSource;
  readonly digest: Digest;
  readonly store: Store;
  readonly runtime: FunctionRuntime;
  /** For calls between services by JSON; without them there are no models, which is enough for tests. */
  readonly codecs?: ApiCodecs;
  readonly settings?: Partial<EngineSettings>;
}

/**
 * All services over one clock, one store and one queue of timers.
 *
 * The engine never waits and never reads a clock of its own: a driver asks {@link nextWakeAt} and calls
 * {@link wake}; callers pass the time in the request's context.
 */
export class Engine implements Wakeable {
  readonly timers = new TimerQueue();
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly settings: EngineSettings;
  readonly #services = new Map<string, Service>();
  readonly #sns: SnsService;
  readonly #lambda: LambdaService;

  constructor(options: EngineOptions) {
    this.clock = options.clock;
    this.ids = options.ids;
    this.settings = { ...DEFAULT_ENGINE_SETTINGS, ...options.settings };
    const environment: ServiceEnvironment = {
      clock: options.clock,
      random: options.random,
      ids: options.ids,
      digest: options.digest,
      timers: this.timers,
      store: options.store,
      runtime: options.runtime,
      settings: this.settings,
      api: apiCaller(
        options.codecs ?? plainCodecs,
        (service, action, input, context) => this.call(service, action, input, context),
        (service, action) => this.#services.get(service)?.operations[action] !== undefined,
      ),
      get deliver() {
        return router;
      },
      get queues() {
        return sqs;
      },
      get streams() {
        return streams;
      },
      get tableStreams() {
        return dynamodbstreams;
      },
      get objects() {
        return s3;
      },
      get metrics() {
        return cloudwatch;
      },
      get logs() {
        return logs;
      },
    };
    const cloudwatch = new CloudWatchService(environment);
    const logs = new LogsService(environment);
    const sqs = new SqsService(environment);
    const kinesis = new KinesisService(environment);
    const dynamodbstreams = new DynamoDbStreamsService(environment);
    const streams = routeStreams({ kinesis, dynamodb: dynamodbstreams });
    const sns = new SnsService(environment);
    const lambda = new LambdaService(environment);
    const events = new EventsService(environment);
    const s3 = new S3Service(environment);
    const router = routeDeliveries({ sqs, sns, lambda, events, s3 });
    this.#sns = sns;
    this.#lambda = lambda;
    const all: readonly Service[] = [
      sqs,
      sns,
      lambda,
      events,
      s3,
      cloudwatch,
      logs,
      new DynamoDbService(environment),
      dynamodbstreams,
      kinesis,
      new SsmService(environment),
      new IamService(environment),
      new StsService(environment),
    ];
    for (const service of all) this.#services.set(service.id, service);
  }

  /** Adds a service that lives outside the pure ring (CloudFormation needs files and functions). */
  add(service: Service): void {
    this.#services.set(service.id, service);
  }

  /** Resumes stored work. Call once, before the first request. */
  start(): void {
    for (const service of this.#services.values()) service.start?.();
  }

  get serviceIds(): readonly string[] {
    return [...this.#services.keys()];
  }

  /** Performs one action of one service. What the service does not model is refused by name. */
  call(serviceId: string, action: string, input: object, context: RequestContext): unknown {
    const operation = this.#services.get(serviceId)?.operations[action];
    if (operation === undefined) throw notSupported(`${serviceId} ${action}`);
    refuseUnmodelled(input, operation.members, action);
    return operation.run(input as never, context);
  }

  /** Mails that email subscribers would have received; none is ever sent. */
  mails(): readonly CapturedMail[] {
    return this.#sns.mails();
  }

  /** Answers an HTTP request to the URL of a function. */
  serveFunctionUrl(request: UrlRequest): Promise<UrlResponse> {
    return this.#lambda.serveUrl(request);
  }

  /** An archive that Lambda gave the location of, by the last part of that. */
  lambdaArchive(name: string): Uint8Array | undefined {
    return this.#lambda.archive(name);
  }

  /** A context for calls from inside: the deployer, tests, simulations. */
  context(account = '000000000000', region = 'us-east-1'): RequestContext {
    return { account, region, requestId: this.ids.uuid(), now: this.clock.now() };
  }

  nextWakeAt(): EpochMs | undefined {
    return this.timers.nextWakeAt();
  }

  wake(now: EpochMs): void {
    this.timers.wake(now);
  }
}
