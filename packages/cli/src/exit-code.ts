/** Exit codes of every command; the same in scripts and in the README. */
export const EXIT = {
  ok: 0,
  /** Findings, or only part was done. */
  findings: 1,
  usage: 2,
  /** A safety rule refused. */
  refused: 3,
  /** Not found, or no permission. */
  notFound: 4,
  /** A breaker stopped the command. */
  stopped: 5,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command with a sentence for people and a code for scripts. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
