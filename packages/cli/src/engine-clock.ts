/** What the engine says of its time. */
export interface ClockState {
  readonly mode: 'live' | 'virtual';
  /** ISO 8601, UTC. */
  readonly now: string;
  /** When the engine next has something to do. */
  readonly nextWakeAt?: string;
  /** Callers who wait for an answer, and the advance that ends it. */
  readonly waiting?: readonly {
    readonly call: string;
    readonly since: string;
    readonly reason: string;
    readonly advance?: string;
  }[];
}

/** The clock of the engine that answers at an endpoint; `undefined` where none does, as on AWS. */
export const engineClock = async (endpoint: string): Promise<ClockState | undefined> => {
  try {
    const answer = await fetch(new URL('/_holdfast/clock', endpoint), { signal: AbortSignal.timeout(2_000) });
    return answer.ok ? ((await answer.json()) as ClockState) : undefined;
  } catch {
    return undefined;
  }
};
