/** What payloads in events say of themselves: nothing is ever cut. */
export const WHOLE = { truncated: false } as const;

/** The member of an event that carries its details, by type. */
export const detailsMember = (type: string): string => {
  if (type.endsWith('StateEntered')) return 'stateEnteredEventDetails';
  if (type.endsWith('StateExited')) return 'stateExitedEventDetails';
  const name = type.charAt(0).toLowerCase() + type.slice(1);
  return `${name}EventDetails`;
};
