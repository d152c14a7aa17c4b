import { createHash } from 'node:crypto';

/**
 * Steps of a job. `sending` stands before a message is sent, `sent` after it is confirmed, `deleted` after it has left the
 * dead-letter queue; `refused` says that it was certainly not taken, `unclear` that nobody knows.
 */
export type StepName =
  | 'planned'
  | 'started'
  | 'sending'
  | 'sent'
  | 'refused'
  | 'unclear'
  | 'deleted'
  | 'came-back'
  /** Somebody wants a pause, an end, or to go on. */
  | 'asked'
  | 'ended'
  /** A line that was cut off by a crash stands before this one. */
  | 'torn';

export interface Step {
  readonly step: StepName;
  /** ISO 8601, in the time of whom it happened at. */
  readonly at: string;
  readonly jobId?: string;
  /** ARN of the dead-letter queue. */
  readonly queue?: string;
  readonly messageId?: string;
  readonly [detail: string]: unknown;
}

/** A step in the log: `hash` covers it and the hash of the one before, so that none can be changed, taken out or put in. */
export interface AuditEntry extends Step {
  readonly seq: number;
  readonly previous: string;
  readonly hash: string;
}

export interface AuditHead {
  readonly seq: number;
  readonly hash: string;
}

/** What the first entry follows. */
export const AUDIT_START: AuditHead = { seq: 0, hash: '0'.repeat(64) };

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The line of a step that follows `head`, and the head it makes. */
export const auditLine = (head: AuditHead, step: Step): { readonly line: string; readonly head: AuditHead } => {
  const content = { seq: head.seq + 1, ...step, previous: head.hash };
  const hash = sha256(JSON.stringify(content));
  return { line: JSON.stringify({ ...content, hash }), head: { seq: content.seq, hash } };
};

/** What a verification found: all entries, or the first line that is not as it was written. */
export interface AuditReport {
  readonly entries: readonly AuditEntry[];
  readonly head: AuditHead;
  readonly fault?: { readonly line: number; readonly what: string };
  /** What a crash left of the last line; the next step that is written names it. */
  readonly tornTail?: string;
}

const parse = (line: string): AuditEntry | undefined => {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && 'hash' in value ? (value as AuditEntry) : undefined;
  } catch {
    return undefined;
  }
};

const faultOf = (entry: AuditEntry, head: AuditHead, torn: string | undefined): string | undefined => {
  const { hash, ...content } = entry;
  if (entry.seq !== head.seq + 1) return `is entry ${entry.seq} where ${head.seq + 1} belongs`;
  if (entry.previous !== head.hash) return 'does not follow the entry before it';
  if (sha256(JSON.stringify(content)) !== hash) return 'was changed: its hash is that of another content';
  const named = entry.step === 'torn' ? entry['tornHash'] : undefined;
  if (named !== (torn === undefined ? undefined : sha256(torn))) return 'and the line before it do not belong together';
  return undefined;
};

/** Checks every hash of an audit log, and reads its entries. */
export const readAudit = (text: string): AuditReport => {
  const lines = text.split('\n');
  const last = lines.pop();
  const entries: AuditEntry[] = [];
  let head = AUDIT_START;
  let torn: string | undefined;
  for (const [index, line] of lines.entries()) {
    const entry = parse(line);
    const fault = (what: string): AuditReport => ({ entries, head, fault: { line: index + 1, what } });
    if (entry === undefined) {
      if (torn !== undefined || parse(lines[index + 1] ?? '')?.step !== 'torn') return fault('is no entry');
      torn = line;
      continue;
    }
    const what = faultOf(entry, head, torn);
    if (what !== undefined) return fault(what);
    torn = undefined;
    head = { seq: entry.seq, hash: entry.hash };
    entries.push(entry);
  }
  return { entries, head, ...(last === undefined || last === '' ? {} : { tornTail: last }) };
};
