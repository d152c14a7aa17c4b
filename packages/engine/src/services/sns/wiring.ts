import { pageByPosition, type ServiceEnvironment, withNextToken } from '../../core/index.ts';
import type { EndedSubscriptions } from './ended-subscriptions.ts';
import { invalidParameter } from './errors.ts';
import type { HttpCourier } from './http-courier.ts';
import type { MailOutbox } from './mail-outbox.ts';
import type { Publisher } from './publisher.ts';
import type { TopicEncryption } from './topic-encryption.ts';
import type { TopicTable } from './topic-table.ts';

/** What the operation tables share. */
export interface SnsWiring {
  readonly environment: ServiceEnvironment;
  readonly table: TopicTable;
  readonly outbox: MailOutbox;
  readonly publisher: Publisher;
  readonly encryption: TopicEncryption;
  readonly http: HttpCourier;
  readonly ended: EndedSubscriptions;
  /** Whether an email address counts as confirmed when it subscribes. */
  readonly confirmsMailAtOnce: () => boolean;
}

/** Entries per page of every list. */
const PAGE_MAX = 100;

/** One page of a list. */
export const page = <Entry>(
  entries: readonly Entry[],
  token: string | undefined,
): { readonly entries: Entry[]; readonly NextToken?: string } => {
  const invalid = () => invalidParameter('NextToken');
  const { page, ...next } = withNextToken(pageByPosition(entries, { token, size: PAGE_MAX, invalid }));
  return { entries: page, ...next };
};
