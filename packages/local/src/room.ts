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
