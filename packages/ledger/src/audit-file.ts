import {
  closeSync,
  existsSync,
  fdatasyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
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

/** Whether it was done; `false` when the file system answers with that code. */
const unless = (code: string, work: () => void): boolean => {
  try {
    work();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === code) return false;
    throw error;
  }
};

const pidIn = (file: string): number => {
  let pid = 0;
  unless('ENOENT', () => {
    pid = Number(readFileSync(file, 'utf8'));
  });
  return pid;
};

/**
 * One process at a time writes: two would both follow the same entry. The lock appears with its owner's name in it, so that
 * nobody takes one that is just being made for one that a dead process left.
 */
const lock = (log: string, file: string): void => {
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, String(process.pid), { mode: 0o600 });
  try {
    while (!unless('EEXIST', () => linkSync(mine, file))) {
      const pid = pidIn(file);
      if (pid > 0 && isAlive(pid)) {
        throw new AuditError(
          `process ${pid} is writing the audit log ${log}; wait for it, or name another with --audit`,
          { path: log, pid },
        );
      }
      // Of all who find the lock of a dead process one takes it away. Should it be another's by now, it is put back.
      const taken = `${mine}.dead`;
      if (!unless('ENOENT', () => renameSync(file, taken))) continue;
      const owner = pidIn(taken);
      if (owner > 0 && isAlive(owner)) unless('EEXIST', () => linkSync(taken, file));
      rmSync(taken, { force: true });
    }
  } finally {
    rmSync(mine, { force: true });
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
