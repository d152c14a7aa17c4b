import type { ServiceEnvironment } from '../../core/index.ts';
import type { MailOutbox } from './mail-outbox.ts';
import type { Publisher } from './publisher.ts';
import type { TopicTable } from './topic-table.ts';

/** What the operation tables share. */
export interface SnsWiring {
  readonly environment: ServiceEnvironment;
  readonly table: TopicTable;
  readonly outbox: MailOutbox;
  readonly publisher: Publisher;
  /** Whether an email address counts as confirmed when it subscribes. */
  readonly confirmsMailAtOnce: () => boolean;
}

/** Entries per page of every list. */
const PAGE_MAX = 100;

/** One page of a list; the token is the position in it. */
export const page = <Entry>(
  entries: readonly Entry[],
  token: string | undefined,
): { readonly entries: readonly Entry[]; readonly NextToken?: string } => {
  const start = token === undefined || token === '' ? 0 : Number(Buffer.from(token, 'base64').toString());
  const end = start + PAGE_MAX;
  return {
    entries: entries.slice(start, end),
    ...(end < entries.length ? { NextToken: Buffer.from(String(end)).toString('base64') } : {}),
  };
};
