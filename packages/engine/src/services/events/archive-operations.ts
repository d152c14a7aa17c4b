import type * as Sdk from '@aws-sdk/client-eventbridge';
import { Constraints, type Operations, operation, ServiceError } from '../../core/index.ts';
import { type Archive, type ArchiveRegistry, archiveArnOf, type StoredArchive } from './archive-registry.ts';
import { type BusRegistry, busNameOf } from './bus-registry.ts';
import { limitExceeded, validation } from './errors.ts';
import { pageOf } from './paging.ts';
import { compileOrRefuse } from './rule-operations.ts';

/** Archives per account and region. */
const ARCHIVES_MAX = 100;

const NAME = /^[.\-_A-Za-z0-9]*$/;
const SHOWN_NAME = '[\\.\\-_A-Za-z0-9]+';

const listed = ({ stored, events, bytes }: Archive) => ({
  ArchiveName: stored.name,
  EventSourceArn: stored.busArn,
  State: 'ENABLED' as const,
  RetentionDays: stored.retentionDays,
  SizeBytes: bytes,
  EventCount: events.length,
  CreationTime: new Date(stored.createdAt),
});

const made = ({ arn, createdAt }: StoredArchive) => ({
  ArchiveArn: arn,
  State: 'ENABLED' as const,
  CreationTime: new Date(createdAt),
});

/** Operations on archives. */
export const archiveOperations = (registry: BusRegistry, archives: ArchiveRegistry): Operations<typeof Sdk> => ({
  CreateArchive: operation(
    ['ArchiveName', 'EventSourceArn', 'Description', 'EventPattern', 'RetentionDays'],
    (input, { account, region, now }) => {
      new Constraints()
        .required('archiveName', input.ArchiveName)
        .length('archiveName', input.ArchiveName, 1, 48)
        .pattern('archiveName', input.ArchiveName, NAME, SHOWN_NAME)
        .required('eventSourceArn', input.EventSourceArn)
        .length('description', input.Description, 0, 512)
        .range('retentionDays', input.RetentionDays, 0, Number.MAX_SAFE_INTEGER)
        .check();
      const name = input.ArchiveName as string;
      const bus = registry.get(account, region, input.EventSourceArn);
      if (bus.stored.arn !== input.EventSourceArn) throw validation('Parameter EventSourceArn is not valid.');
      if (input.EventPattern) compileOrRefuse(input.EventPattern);
      const arn = archiveArnOf(account, region, name);
      if (archives.find(arn) !== undefined) {
        throw new ServiceError('ResourceAlreadyExistsException', `Archive ${name} already exists.`, 400);
      }
      if (archives.all(account, region).length >= ARCHIVES_MAX) throw limitExceeded();
      const stored: StoredArchive = {
        arn,
        name,
        account,
        region,
        busArn: bus.stored.arn,
        description: input.Description,
        eventPattern: input.EventPattern || undefined,
        retentionDays: input.RetentionDays ?? 0,
        createdAt: now,
      };
      archives.put(stored);
      return made(stored);
    },
  ),
  UpdateArchive: operation(
    ['ArchiveName', 'Description', 'EventPattern', 'RetentionDays'],
    (input, { account, region }) => {
      new Constraints()
        .required('archiveName', input.ArchiveName)
        .length('description', input.Description, 0, 512)
        .range('retentionDays', input.RetentionDays, 0, Number.MAX_SAFE_INTEGER)
        .check();
      const { Description, EventPattern, RetentionDays } = input;
      if (Description === undefined && EventPattern === undefined && RetentionDays === undefined) {
        throw validation('At least one of EventPattern, RetentionDays or Description must be provided.');
      }
      const { stored } = archives.get(account, region, input.ArchiveName as string);
      if (EventPattern) compileOrRefuse(EventPattern);
      const changed: StoredArchive = {
        ...stored,
        ...(Description === undefined ? {} : { description: Description }),
        ...(EventPattern === undefined ? {} : { eventPattern: EventPattern || undefined }),
        ...(RetentionDays === undefined ? {} : { retentionDays: RetentionDays }),
      };
      archives.put(changed);
      return made(changed);
    },
  ),
  DescribeArchive: operation(['ArchiveName'], (input, { account, region }) => {
    new Constraints().required('archiveName', input.ArchiveName).check();
    const archive = archives.get(account, region, input.ArchiveName as string);
    const { arn, description, eventPattern } = archive.stored;
    return {
      ArchiveArn: arn,
      ...listed(archive),
      ...(description === undefined ? {} : { Description: description }),
      ...(eventPattern === undefined ? {} : { EventPattern: eventPattern }),
    };
  }),
  ListArchives: operation(
    ['NamePrefix', 'EventSourceArn', 'State', 'NextToken', 'Limit'],
    (input, { account, region }) => {
      if (input.EventSourceArn !== undefined) registry.get(account, region, busNameOf(input.EventSourceArn));
      const found = archives
        .all(account, region)
        .filter(
          ({ stored }) =>
            stored.name.startsWith(input.NamePrefix ?? '') &&
            (input.EventSourceArn === undefined || stored.busArn === input.EventSourceArn) &&
            (input.State === undefined || input.State === 'ENABLED'),
        )
        .sort((a, b) => (a.stored.name < b.stored.name ? -1 : 1));
      const { page, ...next } = pageOf(found, ({ stored }) => stored.name, input.NextToken, input.Limit);
      return { Archives: page.map(listed), ...next };
    },
  ),
  DeleteArchive: operation(['ArchiveName'], (input, { account, region }) => {
    new Constraints().required('archiveName', input.ArchiveName).check();
    archives.delete(archives.get(account, region, input.ArchiveName as string));
    return {};
  }),
});
