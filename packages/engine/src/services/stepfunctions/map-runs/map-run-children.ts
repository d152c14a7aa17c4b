import type { StoredExecution } from '../running/execution.ts';

interface Tally {
  running: number;
  /** Did not succeed, and will not be tried again. */
  failed: number;
}

/** The executions of each map run, and how they do. */
export class MapRunChildren {
  /** In the order of their items. */
  readonly #children = new Map<string, StoredExecution[]>();
  readonly #tallies = new Map<string, Tally>();
  /** Those that wait to be taken up again. */
  readonly #pending = new Map<string, StoredExecution[]>();

  /** Takes in what was stored. */
  restore(record: StoredExecution): void {
    if (record.mapRunArn === undefined) return;
    this.#put(record.mapRunArn, record);
    if (record.status === 'RUNNING') this.tallyOf(record.mapRunArn).running += 1;
    else if (record.status === 'PENDING_REDRIVE') this.waits(record.mapRunArn, record);
    else if (record.status !== 'SUCCEEDED') this.tallyOf(record.mapRunArn).failed += 1;
  }

  began(arn: string, record: StoredExecution): void {
    this.#put(arn, record);
    this.tallyOf(arn).running += 1;
  }

  ended(arn: string, { status }: StoredExecution): void {
    const tally = this.tallyOf(arn);
    tally.running -= 1;
    if (status !== 'SUCCEEDED') tally.failed += 1;
  }

  waits(arn: string, record: StoredExecution): void {
    const pending = this.#pending.get(arn) ?? [];
    pending.push(record);
    this.#pending.set(arn, pending);
  }

  /** The next to be taken up again. */
  takePending(arn: string): StoredExecution | undefined {
    for (;;) {
      const next = this.#pending.get(arn)?.shift();
      if (next === undefined || next.status === 'PENDING_REDRIVE') return next;
      // It was stopped meanwhile.
      this.tallyOf(arn).failed += 1;
    }
  }

  /** Those that wait to be taken up again, which they will not be. */
  dropPending(arn: string): readonly StoredExecution[] {
    const pending = this.#pending.get(arn) ?? [];
    this.#pending.delete(arn);
    this.tallyOf(arn).failed += pending.length;
    return pending;
  }

  of(arn: string): StoredExecution[] {
    return (this.#children.get(arn) ?? []).filter((record) => record !== undefined);
  }

  tallyOf(arn: string): Tally {
    let tally = this.#tallies.get(arn);
    if (tally === undefined) {
      tally = { running: 0, failed: 0 };
      this.#tallies.set(arn, tally);
    }
    return tally;
  }

  #put(arn: string, record: StoredExecution): void {
    const children = this.#children.get(arn) ?? [];
    children[record.mapItem ?? 0] = record;
    this.#children.set(arn, children);
  }
}
