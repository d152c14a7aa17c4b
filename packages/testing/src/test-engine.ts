import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, extname, resolve } from 'node:path';
import { formatDuration, seededRandom } from '@holdfast/kernel';
import {
  type ActiveFault,
  type BoundHandler,
  type CapturedMail,
  type DeployAssemblyOptions,
  type DeployedStack,
  type DeployTemplateOptions,
  InvalidInputError,
  LocalEngine,
  type ServiceFault,
  type StandingClockMode,
} from '@holdfast/local';
import { alarmedOf } from './alarms.ts';
import { type CdkApp, checkSource } from './deploy-source.ts';
import { type DurationLike, durationMs } from './duration.ts';
import type { RecordSelector } from './event-records.ts';
import { errorText, HandlerSpy } from './handler-spy.ts';
import { type Loss, lossesOf } from './losses.ts';
import { type FailedMessage, type QueueMessage, Queues } from './queues.ts';
import { type TimelineSources, timelineOf } from './timeline.ts';
import { TracedRecord } from './traced-record.ts';

/** How {@link startTestEngine} starts an engine; all of it may be left out. */
export interface TestEngineOptions {
  /** Functions of the test that stand in for Lambda functions: by name, ARN, logical id or CDK path. */
  readonly bind?: Readonly<Record<string, BoundHandler>> | undefined;
  /** Where time begins. @defaultValue the machine's time */
  readonly startAt?: Date | undefined;
  /** Makes ids, jitter, order and faults repeatable. @defaultValue 1 */
  readonly seed?: number | undefined;
  /** Twelve digits. @defaultValue 000000000000 */
  readonly account?: string | undefined;
  /** @defaultValue us-east-1 */
  readonly region?: string | undefined;
  /**
   * Has clients that the code under test makes itself find the engine: sets `AWS_ENDPOINT_URL`, region and credentials
   * in the environment of this process until the engine is closed. All such engines of a process have the same port, one
   * after the other: a client that a module made once finds each of them. @defaultValue false
   */
  readonly environment?: boolean | undefined;
  /**
   * What becomes of a call that waits for a time that nobody moves (a long poll, a synchronous invocation, a waiter of the
   * SDK): `fail` answers it with `ClockStandsStill` within a second, and with the advance that would end the wait; `tell`
   * has it wait, for code under test that polls while the test does something else. @defaultValue fail
   */
  readonly standingClock?: StandingClockMode | undefined;
}

/** A client of AWS's SDK: anything that is made from a configuration. */
export type ClientClass<Client> = new (configuration: ClientConfiguration) => Client;

/** How a client finds the engine. */
export interface ClientConfiguration {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** It tries once: what is refused is seen by the test, and nothing waits in the machine's time. */
  readonly maxAttempts: number;
  /** For S3, whose buckets are not names of hosts here. */
  readonly forcePathStyle: boolean;
  /** For synchronous executions of Step Functions, which the SDK would send to another host. */
  readonly disableHostPrefix: boolean;
}

/** Which calls a fault meets. */
export type FaultScope = Pick<ServiceFault, 'action' | 'first' | 'share'>;

/** How long {@link TestEngine.until} goes on. */
export interface UntilOptions {
  /** @defaultValue 14 days, the longest that SQS keeps a message */
  readonly within?: DurationLike;
}

const UNTIL_WITHIN_DEFAULT = { days: 14 } as const;

/** How long {@link TestEngine.untilQuiet} waits. */
export interface QuietOptions {
  /** For how long nothing may happen; longer than the longest visibility timeout and delay in the test. @defaultValue 1 hour */
  readonly quiet?: DurationLike;
  /** @defaultValue 14 days, the longest that SQS keeps a message */
  readonly within?: DurationLike;
}

const QUIET_DEFAULT: DurationLike = { hours: 1 };
/** Time between two looks. */
const QUIET_STEP_MS = 60_000;

/** An engine of one test: in memory, on a free port, in virtual time. */
export class TestEngine implements AsyncDisposable {
  /** The engine itself, for what is not here. */
  readonly local: LocalEngine;
  readonly #options: TestEngineOptions;
  readonly #queues: Queues;
  readonly #startedAt: Date;
  readonly #spies = new Map<string, HandlerSpy>();
  readonly #clients = new Map<ClientClass<unknown>, { destroy?(): void }>();
  readonly #replacedEnvironment = new Map<string, string | undefined>();

  /** @internal */
  constructor(local: LocalEngine, options: TestEngineOptions) {
    const { account = '000000000000', region = 'us-east-1' } = options;
    this.local = local;
    this.#options = options;
    this.#startedAt = this.now();
    this.#queues = new Queues(local, { account, region });
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
   * Deploys a CDK `App`, a directory that `cdk synth` wrote, or a file with a CloudFormation or SAM template, as stack of the
   * file's name. Code that a template names by local paths is uploaded as `aws cloudformation package` does.
   *
   * @throws InvalidInputError when it is none of these; for Terraform's files it says how to apply them
   */
  async deploy(source: string | CdkApp, options: DeployAssemblyOptions = {}): Promise<readonly DeployedStack[]> {
    if (typeof source !== 'string') return this.local.deploy(source.synth().directory, options);
    checkSource(source);
    if (statSync(source).isDirectory()) return this.local.deploy(source, options);
    const stackName = basename(source, extname(source)).replace(/[^A-Za-z0-9-]/g, '-');
    const parameters = options.parameters?.[stackName];
    const own: DeployTemplateOptions = {
      directory: dirname(resolve(source)),
      ...(parameters === undefined ? {} : { parameters }),
    };
    return [await this.deployTemplate(stackName, readFileSync(source, 'utf8'), own)];
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
  advance(duration: DurationLike): Promise<void> {
    return this.local.advance(durationMs(duration, 'advance'));
  }

  /**
   * Lets time pass until a date.
   *
   * @throws InvalidInputError when that is over
   */
  async advanceTo(date: Date): Promise<void> {
    const ms = date.getTime() - this.now().getTime();
    if (!(ms >= 0)) {
      throw new InvalidInputError(
        'advanceTo',
        Number.isNaN(ms) ? String(date) : date.toISOString(),
        `must be a date not before now (${this.now().toISOString()})`,
      );
    }
    await this.local.advance(ms);
  }

  /**
   * Lets time pass from one thing that is due to the next, until `predicate` holds. Answers the time at which it did.
   *
   * @throws Error with what has happened, when it does not hold in time
   */
  async until(predicate: () => unknown, { within = UNTIL_WITHIN_DEFAULT }: UntilOptions = {}): Promise<Date> {
    const withinMs = durationMs(within, 'within');
    const deadline = this.now().getTime() + withinMs;
    await this.local.advance(0);
    while (!(await predicate())) {
      const { now, nextWakeAt } = this.local.clock();
      const nowMs = Date.parse(now);
      const wakeAt = nextWakeAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(nextWakeAt);
      if (nowMs >= deadline || wakeAt > deadline) {
        const rest = wakeAt === Number.POSITIVE_INFINITY ? 'and nothing more is due' : `and next due is ${nextWakeAt}`;
        throw new Error(
          `within ${formatDuration(withinMs)}, until ${new Date(deadline).toISOString()}, it did not come true, ${rest}\n${this.timeline()}`,
        );
      }
      // Whatever is due at this very moment was done; a wake that is over would not move time.
      await this.local.advance(Math.max(1, wakeAt - nowMs));
    }
    return this.now();
  }

  /**
   * Lets time pass until nothing has happened for a while: no bound handler was invoked, and no message came, went or
   * moved. Answers the time of the last thing that happened.
   *
   * @throws Error with what has happened, when it does not become quiet in time
   */
  async untilQuiet({ quiet = QUIET_DEFAULT, within = UNTIL_WITHIN_DEFAULT }: QuietOptions = {}): Promise<Date> {
    const quietMs = durationMs(quiet, 'quiet');
    const withinMs = durationMs(within, 'within');
    const startedAt = this.now().getTime();
    const seen = (): string => `${[...this.#spies.values()].map(({ calls }) => calls.length)} ${this.#queues.counts()}`;
    await this.local.advance(0);
    let before = seen();
    let lastAt = this.now().getTime();
    while (this.now().getTime() - lastAt < quietMs) {
      if (this.now().getTime() - startedAt > withinMs) {
        throw new Error(`within ${formatDuration(withinMs)} it did not become quiet\n${this.timeline()}`);
      }
      await this.local.advance(Math.min(QUIET_STEP_MS, quietMs));
      const after = seen();
      if (after !== before) lastAt = this.now().getTime();
      before = after;
    }
    return new Date(lastAt);
  }

  /** The alarms that have been in the state ALARM, now or before, by name. */
  alarmed(): readonly string[] {
    return alarmedOf(this.local, this.#options.region);
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
    return this.#failures();
  }

  #failures(): readonly FailedMessage[] {
    return this.#queues
      .failures()
      .map((failure) => (failure.error === '' ? { ...failure, error: this.#lastErrorOf(failure.messageId) } : failure));
  }

  /** What timelines are drawn from. */
  #sources(): TimelineSources {
    const failures = this.#failures();
    const givenUp = new Set(failures.map(({ messageId }) => messageId));
    const waiting = this.#queues.names().flatMap((queue) =>
      this.#queues
        .messages(queue)
        .filter(({ messageId }) => !givenUp.has(messageId))
        .map((message) => ({ queue, message })),
    );
    return { spies: [...this.#spies.values()], failures, waiting, now: this.now() };
  }

  /** Follows records through bound handlers and failure queues: by id or whole text, by a pattern, or as a function decides. */
  record(selector: RecordSelector): TracedRecord {
    return new TracedRecord(selector, {
      spies: [...this.#spies.values()],
      failures: () => this.#failures(),
      messages: (queue) => this.#queues.messages(queue),
      sources: () => this.#sources(),
      until: (predicate, options) => this.until(predicate, options),
    });
  }

  /** What was sent to email subscribers. */
  mails(): readonly CapturedMail[] {
    return this.local.mails();
  }

  /** What became of every record: each attempt of bound handlers, and the queues in which it lies or was put aside. */
  timeline(): string {
    return timelineOf(this.#sources());
  }

  /** Ends the engine and what belongs to it. */
  async close(): Promise<void> {
    for (const client of this.#clients.values()) client.destroy?.();
    this.#clients.clear();
    for (const [name, value] of this.#replacedEnvironment) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    this.#replacedEnvironment.clear();
    await this.local.close();
  }

  /** Closes the engine at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #lastErrorOf(messageId: string): string {
    for (const spy of this.#spies.values()) {
      const error = spy.callsOf(messageId).findLast((call) => call.error !== undefined)?.error;
      if (error !== undefined) return errorText(error);
    }
    return '';
  }

  #setEnvironment(): void {
    const variables = {
      AWS_ENDPOINT_URL: this.endpoint,
      AWS_REGION: this.#options.region ?? 'us-east-1',
      AWS_ACCESS_KEY_ID: this.#options.account ?? 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    };
    for (const [name, value] of Object.entries(variables)) {
      this.#replacedEnvironment.set(name, process.env[name]);
      process.env[name] = value;
    }
  }
}

/** Of the engines that show themselves in the environment of this process. */
let sharedPort = 0;

const startAtSharedPort = async (start: (port: number) => Promise<LocalEngine>): Promise<LocalEngine> => {
  try {
    const local = await start(sharedPort);
    sharedPort = Number(new URL(local.endpoint).port);
    return local;
  } catch (error) {
    if ((error as { code?: string }).code !== 'EADDRINUSE') throw error;
    throw new InvalidInputError(
      'environment',
      true,
      'is for one engine of a process at a time, and another is open; give clients of further ones to the code under test',
    );
  }
};

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
  const { startAt, seed = 1, account, region, standingClock = 'fail', environment = false } = options;
  const start = (port: number): Promise<LocalEngine> =>
    LocalEngine.start({ port, clock: 'virtual', startAt, seed, account, region, standingClock });
  const local = environment ? await startAtSharedPort(start) : await start(0);
  return new TestEngine(local, options);
};
