/** SFN's names of executions are up to 80 of these characters; the same dead letter always gets the same one. */
export const restartName = (messageId: string): string =>
  `redrive-${messageId.replaceAll(/[^\w-]/g, '-')}`.slice(0, 80);
