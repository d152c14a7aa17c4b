import { DAY_MS, type EpochMs, HOUR_MS, MINUTE_MS } from '@holdfast/kernel';
import { nextCronRun, parseCron, type ServiceEnvironment, ServiceError } from '../../core/index.ts';
import { invalidParameter } from './errors.ts';
import type { SecretRegistry } from './registry.ts';
import { CURRENT, PENDING, type StoredRotation, type StoredSecret } from './stored.ts';
import { versionAt } from './versions.ts';

const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;
/** Tries of one rotation, and the time between two. AWS publishes neither. */
const TRIES_MAX = 5;
const RETRY_MS = 5 * MINUTE_MS;
const UNIT_MS: Readonly<Record<string, number>> = { hour: HOUR_MS, day: DAY_MS };

/** When the schedule of a rotation runs after a moment. @throws ServiceError for an expression that is none */
export const nextRotation = (
  { afterDays, expression }: Pick<StoredRotation, 'afterDays' | 'expression'>,
  after: EpochMs,
): EpochMs | undefined => {
  if (afterDays !== undefined) return after + afterDays * DAY_MS;
  if (expression === undefined) return undefined;
  const [, count, unit] = /^rate\(([1-9]\d{0,4}) (hour|day)s?\)$/.exec(expression) ?? [];
  if (unit !== undefined) {
    const periodMs = Number(count) * (UNIT_MS[unit] as number);
    if (periodMs >= 4 * HOUR_MS) return after + periodMs;
  }
  const cron = parseCron(/^cron\((.+)\)$/.exec(expression)?.[1] ?? '');
  if (cron === undefined) throw invalidParameter(`Invalid ScheduleExpression: ${expression}`);
  return nextCronRun(cron, after);
};

/** Calls rotation functions, step by step, when it is time; what is under way goes on after a restart. */
export class Rotations {
  readonly #environment: ServiceEnvironment;
  readonly #registry: SecretRegistry;

  constructor(environment: ServiceEnvironment, registry: SecretRegistry) {
    this.#environment = environment;
    this.#registry = registry;
  }

  start(): void {
    const now = this.#environment.clock.now();
    for (const secret of this.#registry.all()) {
      if (secret.rotation?.running === undefined) this.schedule(secret);
      else this.#at(now, secret, secret.rotation.running.token);
    }
  }

  /** Begins a rotation now: `token` becomes the id of the new version. */
  begin(secret: StoredSecret, token: string): void {
    const rotation = { ...(secret.rotation as StoredRotation), running: { token, tries: 0 } };
    this.#registry.put({ ...secret, rotation });
    this.#at(this.#environment.clock.now(), secret, token);
  }

  /** Waits for the next rotation of a secret's schedule. */
  schedule({ arn, rotation }: StoredSecret): void {
    const nextAt = rotation?.nextAt;
    if (rotation?.isEnabled !== true || nextAt === undefined) return;
    this.#environment.timers.schedule(nextAt, () => {
      const secret = this.#byArn(arn);
      if (secret?.rotation?.isEnabled !== true || secret.rotation.nextAt !== nextAt) return;
      if (secret.rotation.running === undefined) this.begin(secret, this.#environment.ids.uuid());
    });
  }

  #byArn(arn: string): StoredSecret | undefined {
    const secret = this.#registry.all().find((each) => each.arn === arn);
    return secret?.deletion === undefined ? secret : undefined;
  }

  #at(moment: EpochMs, { arn }: StoredSecret, token: string): void {
    this.#environment.timers.schedule(moment, () => {
      void this.#run(arn, token);
    });
  }

  /** All steps in order; the first that fails ends this try. */
  async #run(arn: string, token: string): Promise<void> {
    for (const step of STEPS) {
      const secret = this.#byArn(arn);
      if (secret?.rotation?.running?.token !== token) return;
      if (!(await this.#step(secret, secret.rotation.lambdaArn, step, token))) return this.#failed(arn, token);
    }
    this.#over(arn, token);
  }

  async #step(secret: StoredSecret, lambdaArn: string, Step: string, token: string): Promise<boolean> {
    const { account, region, arn } = secret;
    const payload = JSON.stringify({ ClientRequestToken: token, SecretId: arn, Step });
    const { ids, clock } = this.#environment;
    const context = { account, region, requestId: ids.uuid(), now: clock.now() };
    const input = { FunctionName: lambdaArn, Payload: new TextEncoder().encode(payload) };
    try {
      const answer = await this.#environment.call('lambda', 'Invoke', input, context);
      return (answer as { readonly FunctionError?: string }).FunctionError === undefined;
    } catch (error) {
      if (error instanceof ServiceError) return false;
      throw error;
    }
  }

  #failed(arn: string, token: string): void {
    const secret = this.#byArn(arn);
    const rotation = secret?.rotation;
    if (secret === undefined || rotation?.running?.token !== token) return;
    const tries = rotation.running.tries + 1;
    if (tries >= TRIES_MAX) {
      this.#settle(secret, {});
      return;
    }
    this.#registry.put({ ...secret, rotation: { ...rotation, running: { token, tries } } });
    this.#at(this.#environment.clock.now() + RETRY_MS, secret, token);
  }

  /** It has worked when the new version is the current one. */
  #over(arn: string, token: string): void {
    const secret = this.#byArn(arn);
    if (secret?.rotation?.running?.token !== token) return;
    const pending = versionAt(secret, PENDING);
    if (pending !== undefined && pending.id !== versionAt(secret, CURRENT)?.id) {
      this.#failed(arn, token);
      return;
    }
    const now = this.#environment.clock.now();
    this.#settle(secret, { rotatedAt: now, changedAt: now });
  }

  #settle(secret: StoredSecret, changes: Partial<StoredSecret>): void {
    const { running: _, ...rotation } = secret.rotation as StoredRotation;
    const nextAt = rotation.isEnabled ? nextRotation(rotation, this.#environment.clock.now()) : undefined;
    this.schedule(this.#registry.put({ ...secret, ...changes, rotation: { ...rotation, nextAt } }));
  }
}
