/** Signals as Go, and so Lambda, names them. */
const SIGNAL_TEXTS: Readonly<Record<string, string>> = {
  SIGABRT: 'aborted',
  SIGBUS: 'bus error',
  SIGFPE: 'floating point exception',
  SIGHUP: 'hangup',
  SIGILL: 'illegal instruction',
  SIGINT: 'interrupt',
  SIGKILL: 'killed',
  SIGPIPE: 'broken pipe',
  SIGQUIT: 'quit',
  SIGTERM: 'terminated',
};

/** How Lambda tells that what ran the code is gone. */
export const exitText = (code: number | null, signal: string | null | undefined): string => {
  if (signal) return `Runtime exited with error: signal: ${SIGNAL_TEXTS[signal] ?? signal}`;
  return code === 0 ? 'Runtime exited without providing a reason' : `Runtime exited with error: exit status ${code}`;
};
