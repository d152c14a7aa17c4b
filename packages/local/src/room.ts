import { ServiceError } from '@holdfast/engine';
import type { LogStore } from './store/index.ts';

/** Actions that only look. */
const LOOKS =
  /^(?:BatchGet|Describe|Filter|Get|Head|List|Lookup|Query|Scan|Search|Select|Simulate|Test|TransactGet|Validate)/;

/** Actions that make room, or that are needed to get at what is to be deleted. */
const MAKES_ROOM =
  /^(?:Abort|Cancel|ChangeMessageVisibility|Delete|Deregister|Detach|Disable|Disassociate|Purge|ReceiveMessage|Remove|Stop|Unsubscribe|Untag)/;

/** Whether an action leaves everything as it is. */
export const changesNothing = (action: string): boolean => LOOKS.test(action);

/** Whether an action is to be refused while there is no room on the disk. */
export const needsRoom = (action: string): boolean => !LOOKS.test(action) && !MAKES_ROOM.test(action);

/** Nothing is taken that could not be kept. */
export const refusalFor = (log: LogStore, action: string, bodyBytes: number): ServiceError | undefined => {
  const reason = log.refusalOf(bodyBytes);
  if (reason === undefined || changesNothing(action)) return undefined;
  if (!needsRoom(action) && !log.isBroken) return undefined;
  return unavailable(reason);
};

/** In AWS's words, and why; clients try again. */
export const unavailable = (reason: string): ServiceError =>
  new ServiceError(
    'ServiceUnavailable',
    `The request has failed due to a temporary failure of the server: ${reason}`,
    503,
  );

/** What an answer waits for. When not even a delete can be written, reads are answered nevertheless. */
export const durableFor = (log: LogStore, action: string | undefined): Promise<void> | undefined =>
  log.isStuck && action !== undefined && changesNothing(action) ? undefined : log.durable();
