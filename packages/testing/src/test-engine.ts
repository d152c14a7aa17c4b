import { seededRandom } from '@holdfast/kernel';
import {
  type ActiveFault,
  type ActiveFunctionFault,
  type BoundHandler,
  type CapturedMail,
  type DeployedStack,
  type DeployTemplateOptions,
  InvalidInputError,
  LocalEngine,
} from '@holdfast/local';
import { alarmedOf, alarmNamesOf } from './alarms.ts';
import { type CdkApp, type DeploySourceOptions, deploySource } from './deploy-source.ts';
import { type DurationLike, durationMs } from './duration.ts';
import { checkSelector, type RecordSelector } from './event-records.ts';
import { Evidence } from './evidence.ts';
import { HandlerSpy } from './handler-spy.ts';
import { type Loss, lossesOf } from './losses.ts';
import { MessageSpy } from './message-spy.ts';
import { PassingTime, type QuietOptions, type UntilOptions } from './passing-time.ts';
import { setEnvironment, startAtSharedPort } from './process-environment.ts';
import { type FailedMessage, type QueueMessage, Queues } from './queues.ts';
import {
  type ClientClass,
  checkNames,
  ENGINE_OPTIONS,
  type FaultScope,
  type TestEngineOptions,
} from './test-engine-options.ts';
import { timelineOf } from './timeline.ts';
import { TracedRecord } from './traced-record.ts';

/** An engine of one test: in memory, on a free port, in virtual time. */
export class TestEngine implements AsyncDisposable {
  /** The engine itself, for what is not here. */
  readonly local: LocalEngine;
  /** Waits for what becomes of messages, or sees that it does not: `waitFor({ queue, status: 'dlq' })`, `expectNone`. */
  readonly messageSpy: MessageSpy;
  readonly #options: TestEngineOptions;
  readonly #queues: Queues;
  readonly #startedAt: Date;
  readonly #spies = new Map<string, HandlerSpy>();
  readonly #evidence: Evidence;
  readonly #clients = new Map<ClientClass<unknown>, { destroy?(): void }>();
  readonly #time: PassingTime;
  #restoreEnvironment: () => void = () => {};

  /** @internal */
  constructor(local: LocalEngine, options: TestEngineOptions) {
    const { account = '000000000000', region = 'us-east-1' } = options;
    this.local = local;
    this.#options = options;
    this.#startedAt = this.now();
    this.#queues = new Queues(local, { account, region });
    this.#evidence = new Evidence(this.#queues, this.#spies, () => this.now());
    this.#time = new PassingTime(local, () => this.timeline());
    this.messageSpy = new MessageSpy(
      this.#queues,
      () => [...this.#spies.values()],
      this.#time,
      () => this.timeline(),
    );
    for (const [name, handler] of Object.entries(options.bind ?? {})) this.bind(name, handler);
    if (options.environment === true) this.#setEnvironment();
  }

  /** Where clients connect. */
  get endpoint(): string {
    return this.local.endpoint;
  }

  /** The engine's time. */
  now(): Date {
    return new Date(this.local.clock().now);
  }

  /**
   * A client of AWS's SDK that talks to this engine; the same one each time, destroyed with the engine.
   *
   * @example
   * ```ts
   * await aws.client(SQSClient).send(new SendMessageCommand({ QueueUrl, MessageBody: 'order 4711' }));
   * ```
   */
  client<Client>(Class: ClientClass<Client>): Client {
    const known = this.#clients.get(Class);
    if (known !== undefined) return known as Client;
    const client = new Class({
      endpoint: this.endpoint,
      region: this.#options.region ?? 'us-east-1',
      credentials: { accessKeyId: this.#options.account ?? 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
      forcePathStyle: true,
      disableHostPrefix: true,
    });
    this.#clients.set(Class, client as { destroy?(): void });
    return client;
  }

  /** Has a function of the test stand in for a Lambda function, watched by the spy that is answered. */
  bind(name: string, handler: BoundHandler): HandlerSpy {
    // The engine says what cannot be bound; of the spy it would only see a function.
    this.local.bind(name, handler);
    const random = seededRandom(this.#options.seed ?? 1).stream(`faults of ${name}`);
    const spy = new HandlerSpy(name, handler, () => Date.parse(this.local.clock().now), random);
    this.local.bind(name, spy.run);
    this.#spies.set(name, spy);
    return spy;
  }

  /**
   * The spy of a bound handler, by the name under which it was bound.
   *
   * @throws InvalidInputError when nothing is bound to that name
   */
  spy(name: string): HandlerSpy {
    const spy = this.#spies.get(name);
    if (spy !== undefined) return spy;
    throw new InvalidInputError(
      'name',
      name,
      `is not bound; bound are: ${[...this.#spies.keys()].join(', ') || 'none'}`,
    );
  }

  /**
   * Has a service throttle, in its own words, what clients and the code of functions call over the wire.
   *
   * @example
   * ```ts
   * const throttle = aws.throttle('sqs', { action: 'SendMessage', first: 2 });
   * ```
   */
  throttle(service: string, scope: FaultScope = {}): ActiveFault {
    return this.local.fault({ ...scope, service });
  }

  /** Has a service take so long, in the engine's time, before it takes a call. */
  slow(service: string, duration: DurationLike, scope: FaultScope = {}): ActiveFault {
    return this.local.fault({ ...scope, service, delayMs: durationMs(duration, 'duration') });
  }

  /**
   * Has invocations of a function, bound or deployed, take so long before their handlers, as AWS FIS does with
   * `aws:lambda:invocation-add-delay`: they have their places meanwhile, and what is longer than the time limit ends in a timeout.
   * `name` is what {@link bind} takes, of a function that is there.
   *
   * @example
   * ```ts
   * const slow = aws.delay('Booking', 'PT30S', { first: 2 });
   * ```
   */
  delay(name: string, duration: DurationLike, scope: Pick<FaultScope, 'first' | 'share'> = {}): ActiveFunctionFault {
    return this.local.fault({ ...scope, function: name, delayMs: durationMs(duration, 'duration') });
  }

  /**
   * Deploys a CDK `App`, a directory that `cdk synth` wrote, a file with a CloudFormation or SAM template, or a plan of
   * Terraform as `terraform show -json` writes it; the last two as stack of the file's name. Code that they name by local
   * paths is uploaded as `aws cloudformation package` does.
   *
   * @throws InvalidInputError when it is none of these, and for what of a plan is not played
   */
  deploy(source: string | CdkApp, options: DeploySourceOptions = {}): Promise<readonly DeployedStack[]> {
    return deploySource(this.local, source, options, this.#options.region);
  }

  /** Creates or updates one stack from a template: its text, or the object that it is. */
  deployTemplate(
    stackName: string,
    template: string | object,
    options: DeployTemplateOptions = {},
  ): Promise<DeployedStack> {
    const body = typeof template === 'string' ? template : JSON.stringify(template);
    return this.local.deployTemplate(stackName, body, options);
  }

  /** Lets time pass; all that becomes due on the way is done, handlers included: `{ days: 13 }`, `'PT5M'`, milliseconds. */
  async advance(duration: DurationLike): Promise<void> {
    await this.local.advance(durationMs(duration, 'advance'));
  }

  /**
   * Lets time pass until a date.
   *
   * @throws InvalidInputError when that is over
   */
  advanceTo(date: Date): Promise<void> {
    return this.#time.advanceTo(date);
  }

  /**
   * Lets time pass from one thing that is due to the next, until `predicate` holds. Answers the time at which it did.
   *
   * @throws Error with what has happened, when it does not hold in time
   */
  until(predicate: () => unknown, options: UntilOptions = {}): Promise<Date> {
    return this.#time.until(predicate, options);
  }

  /**
   * Lets time pass until nothing has happened for a while: no bound handler was invoked, and no message came, went or
   * moved. Answers the time of the last thing that happened.
   *
   * @throws Error with what has happened, when it does not become quiet in time
   */
  untilQuiet(options: QuietOptions = {}): Promise<Date> {
    const seen = (): string => `${[...this.#spies.values()].map(({ calls }) => calls.length)} ${this.#queues.counts()}`;
    return this.#time.untilQuiet(seen, options);
  }

  /** The alarms that have been in the state ALARM, now or before, by name. */
  alarmed(): readonly string[] {
    return alarmedOf(this.local, this.#options.region);
  }

  /** @internal */
  alarmNames(): readonly string[] {
    return alarmNamesOf(this.local, this.#options.region);
  }

  /**
   * What the services themselves counted as refused, lost or not to be delivered since the engine started: throttles,
   * asynchronous events that were dropped, targets and destinations that could not be reached, failed executions. Events
   * that {@link failures} found in a queue were dropped by their function, and are counted here, too.
   */
  losses(): readonly Loss[] {
    return lossesOf(this.local, this.#options.region, this.#startedAt, this.now());
  }

  /** What lies in a queue, whatever its state, by name, URL or ARN. Nothing is received, nothing counted. */
  async messages(queue: string): Promise<readonly QueueMessage[]> {
    return this.#queues.messages(queue);
  }

  /** Every message that was given up, with the reason, over all queues of the engine's own account and region. */
  async failures(): Promise<readonly FailedMessage[]> {
    return this.#evidence.failures();
  }

  /** Follows records through bound handlers and failure queues: by id or whole text, by a pattern, or as a function decides. */
  record(selector: RecordSelector): TracedRecord {
    checkSelector(selector);
    return new TracedRecord(selector, {
      spies: [...this.#spies.values()],
      failures: () => this.#evidence.failures(),
      messages: (queue) => this.#queues.messages(queue),
      queueNames: () => this.#queues.names(),
      sources: () => this.#evidence.sources(),
      until: (predicate, options) => this.until(predicate, options),
    });
  }

  /** What was sent to email subscribers. */
  mails(): readonly CapturedMail[] {
    return this.local.mails();
  }

  /** What became of every record: each attempt of bound handlers, and the queues in which it lies or was put aside. */
  timeline(): string {
    return timelineOf(this.#evidence.sources());
  }

  /** Ends the engine and what belongs to it. */
  async close(): Promise<void> {
    for (const client of this.#clients.values()) client.destroy?.();
    this.#clients.clear();
    this.#restoreEnvironment();
    this.#restoreEnvironment = () => {};
    await this.local.close();
  }

  /** Closes the engine at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #setEnvironment(): void {
    this.#restoreEnvironment = setEnvironment({
      AWS_ENDPOINT_URL: this.endpoint,
      AWS_REGION: this.#options.region ?? 'us-east-1',
      AWS_ACCESS_KEY_ID: this.#options.account ?? 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    });
  }
}

/**
 * Starts an engine for a test: in memory, on a free port, in virtual time.
 *
 * @example
 * ```ts
 * await using aws = await startTestEngine({ bind: { 'Orders/Booking': async (event) => book(event) } });
 * await aws.deploy('cdk.out');
 * await aws.advance({ days: 13 });
 * ```
 * @throws InvalidInputError when an option is not what it must be
 */
export const startTestEngine = async (options: TestEngineOptions = {}): Promise<TestEngine> => {
  checkNames('options', options, ENGINE_OPTIONS);
  const { startAt, seed = 1, account, region, standingClock = 'fail', environment = false } = options;
  const own = { clock: 'virtual', startAt, seed, account, region, standingClock } as const;
  const local = environment ? await startAtSharedPort(own) : await LocalEngine.start({ ...own, port: 0 });
  return new TestEngine(local, options);
};
