/** Told what becomes of a request, so that virtual time knows who is busy and who only waits. */
export interface RequestObserver {
  /** The operation answered with a promise: the caller waits for time or for somebody else. */
  parked(): void;
  /** The promise settled. */
  resumed(): void;
  /** The answer has been handed to the socket, or the caller has gone. Called once. */
  finished(): void;
}
