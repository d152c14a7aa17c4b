import { closeSync, existsSync, fdatasyncSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { HoldfastError } from '@holdfast/kernel';
import { type AuditEntry, type AuditHead, auditLine, readAudit, type Step, sha256 } from './audit.ts';

/** The audit log cannot be written to, or is not as it was written. */
export class AuditError extends HoldfastError {
  override readonly name = 'AuditError';
  readonly code = 'AUDIT';
  readonly path: string;
  /** The line that is not as it was written, counted from 1. */
  readonly line: number | undefined;
  /** Which process has it, when it is in use. */
  readonly pid: number | undefined;

  constructor(message: string, evidence: { readonly path: string; readonly line?: number; readonly pid?: number }) {
    super(message);
    this.path = evidence.path;
    this.line = evidence.line;
    this.pid = evidence.pid;
  }
}

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** One process at a time writes: two would both follow the same entry. */
const lock = (log: string, file: string): void => {
  for (;;) {
    try {
      const fd = openSync(file, 'wx', 0o600);
      writeSync(fd, String(process.pid));
      closeSync(fd);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const pid = Number(readFileSync(file, 'utf8'));
      if (pid > 0 && isAlive(pid)) {
        throw new AuditError(`process ${pid} is writing the audit log; wait for it, or name another with --audit`, {
          path: log,
          pid,
        });
      }
      rmSync(file, { force: true });
    }
  }
};

/** The audit log in a file: JSON lines, each on the disk before {@link append} returns. */
export class AuditFile {
  /** Everything that was in it when it was opened. */
  readonly entries: readonly AuditEntry[];
  readonly #fd: number;
  readonly #lockFile: string;
  #head: AuditHead;

  /** @param now - the time in ISO 8601, for the entry that names what a crash left */
  constructor(file: string, now: string) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    this.#lockFile = `${file}.lock`;
    lock(file, this.#lockFile);
    try {
      const { entries, head, fault, tornTail } = readAudit(existsSync(file) ? readFileSync(file, 'utf8') : '');
      if (fault !== undefined) {
        throw new AuditError(
          `${file}, line ${fault.line}: ${fault.what}; nothing is added to it, keep it and name another with --audit`,
          { path: file, line: fault.line },
        );
      }
      this.entries = entries;
      this.#head = head;
      this.#fd = openSync(file, 'a', 0o600);
      if (tornTail !== undefined) {
        writeSync(this.#fd, '\n');
        this.append({ step: 'torn', at: now, tornHash: sha256(tornTail) });
      }
    } catch (error) {
      rmSync(this.#lockFile, { force: true });
      throw error;
    }
  }

  append(step: Step): void {
    const { line, head } = auditLine(this.#head, step);
    writeSync(this.#fd, `${line}\n`);
    fdatasyncSync(this.#fd);
    this.#head = head;
  }

  get head(): AuditHead {
    return this.#head;
  }

  close(): void {
    closeSync(this.#fd);
    rmSync(this.#lockFile, { force: true });
  }
}
