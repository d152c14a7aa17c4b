import { makeArn } from '@holdfast/aws-model';
import { DAY_MS, type EpochMs, MINUTE_MS, SECOND_MS } from '@holdfast/kernel';
import type { Collection, ServiceEnvironment } from '../../core/index.ts';
import type { ArchiveRegistry } from './archive-registry.ts';
import type { EventEnvelope } from './envelope.ts';

/** A replay takes the events of one minute at a time; this long for each minute that has some. */
const STEP_MS = SECOND_MS;

/** How long a replay that has ended can be looked at. */
const KEPT_MS = 90 * DAY_MS;

export type ReplayState = 'STARTING' | 'RUNNING' | 'CANCELLING' | 'COMPLETED' | 'CANCELLED' | 'FAILED';

/** A replay as stored. */
export interface StoredReplay {
  readonly arn: string;
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly description?: string | undefined;
  readonly archiveArn: string;
  readonly busArn: string;
  /** Rules that get the events; all of the bus when there are none. */
  readonly filterArns?: readonly string[] | undefined;
  readonly eventStartTime: EpochMs;
  readonly eventEndTime: EpochMs;
  readonly startedAt: EpochMs;
  readonly endedAt?: EpochMs | undefined;
  /** Events before have been replayed. */
  readonly position: EpochMs;
  readonly lastReplayedAt?: EpochMs | undefined;
  readonly state: ReplayState;
  readonly reason?: string | undefined;
}

export const replayArnOf = (account: string, region: string, name: string): string =>
  makeArn('events', region, account, `replay/${name}`);

export const isActive = ({ state }: StoredReplay): boolean =>
  state === 'STARTING' || state === 'RUNNING' || state === 'CANCELLING';

/** Puts archived events on their bus again, with the name of the replay; goes on after a restart where it was. */
export class Replays {
  readonly #environment: ServiceEnvironment;
  readonly #archives: ArchiveRegistry;
  readonly #publish: (replay: StoredReplay, event: EventEnvelope, now: EpochMs) => void;
  readonly #replays: Map<string, StoredReplay>;
  readonly #stored: Collection<StoredReplay>;

  constructor(
    environment: ServiceEnvironment,
    archives: ArchiveRegistry,
    publish: (replay: StoredReplay, event: EventEnvelope, now: EpochMs) => void,
  ) {
    this.#environment = environment;
    this.#archives = archives;
    this.#publish = publish;
    this.#stored = environment.store.collection('events.replays');
    this.#replays = new Map(this.#stored.entries());
  }

  start(): void {
    for (const replay of this.#replays.values()) {
      if (isActive(replay)) this.#step(replay.arn, this.#environment.clock.now() + STEP_MS);
      else this.#forgetLater(replay);
    }
  }

  find(arn: string): StoredReplay | undefined {
    return this.#replays.get(arn);
  }

  all(account: string, region: string): StoredReplay[] {
    return [...this.#replays.values()].filter((replay) => replay.account === account && replay.region === region);
  }

  begin(replay: StoredReplay): void {
    this.#put(replay);
    this.#step(replay.arn, replay.startedAt + STEP_MS);
  }

  cancel(replay: StoredReplay): StoredReplay {
    const cancelling: StoredReplay = { ...replay, state: 'CANCELLING' };
    this.#put(cancelling);
    return cancelling;
  }

  #step(arn: string, at: EpochMs): void {
    this.#environment.timers.schedule(at, (now) => {
      const replay = this.#replays.get(arn);
      if (replay !== undefined && isActive(replay)) this.#advance(replay, now);
    });
  }

  #advance(replay: StoredReplay, now: EpochMs): void {
    if (replay.state === 'CANCELLING') {
      this.#end(replay, 'CANCELLED', now);
      return;
    }
    const archive = this.#archives.find(replay.archiveArn);
    if (archive === undefined) {
      this.#end({ ...replay, reason: 'The archive does not exist any more.' }, 'FAILED', now);
      return;
    }
    const first = this.#archives.firstAt(archive, replay.position, replay.eventEndTime);
    if (first === undefined) {
      this.#end(replay, 'COMPLETED', now);
      return;
    }
    const position = Math.min(first - (first % MINUTE_MS) + MINUTE_MS, replay.eventEndTime);
    const events = this.#archives.between(archive, replay.position, position);
    // What is published is durable in the same turn as where the replay has got to.
    for (const event of events) this.#publish(replay, { ...event, 'replay-name': replay.name }, now);
    const last = events.at(-1);
    this.#put({
      ...replay,
      state: 'RUNNING',
      position,
      lastReplayedAt: last === undefined ? replay.lastReplayedAt : Date.parse(last.time),
    });
    this.#step(replay.arn, now + STEP_MS);
  }

  #end(replay: StoredReplay, state: ReplayState, endedAt: EpochMs): void {
    const ended: StoredReplay = { ...replay, state, endedAt };
    this.#put(ended);
    this.#forgetLater(ended);
  }

  #forgetLater({ arn, endedAt = 0 }: StoredReplay): void {
    this.#environment.timers.schedule(endedAt + KEPT_MS, () => {
      this.#replays.delete(arn);
      this.#stored.delete(arn);
    });
  }

  #put(replay: StoredReplay): void {
    this.#replays.set(replay.arn, replay);
    this.#stored.put(replay.arn, replay);
  }
}
