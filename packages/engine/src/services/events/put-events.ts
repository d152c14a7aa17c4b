import type { PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { utf8Length } from '@holdfast/kernel';
import { Constraints, parseBoundedJson, refuseUnmodelled } from '../../core/index.ts';
import { validation } from './errors.ts';

/** Entries and bytes per request. */
export const ENTRIES_MAX = 10;
export const REQUEST_BYTES_MAX = 1_048_576;

/** Of buses that are nobody's partner's; the text is the pattern as AWS prints it. */
const SHOWN_BUS_NAME_OR_ARN = String.raw`(arn:aws[\w-]*:events:[a-z]{2}-[a-z]+-[\w-]+:[0-9]{12}:event-bus\/)?[\.\-_A-Za-z0-9]+`;
const BUS_NAME_OR_ARN = new RegExp(`^(?:${SHOWN_BUS_NAME_OR_ARN})$`);

/** An entry that can go on a bus. */
export interface AcceptedEntry {
  readonly source: string;
  readonly detailType: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface RejectedEntry {
  readonly ErrorCode: string;
  readonly ErrorMessage: string;
}

/** @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html#eb-putevent-size */
const entryBytes = (entry: PutEventsRequestEntry): number =>
  (entry.Time === undefined ? 0 : 14) +
  utf8Length(entry.Source ?? '') +
  utf8Length(entry.DetailType ?? '') +
  utf8Length(entry.Detail ?? '') +
  (entry.Resources ?? []).reduce((sum, resource) => sum + utf8Length(resource), 0);

const shown = (entry: PutEventsRequestEntry): string =>
  `PutEventsRequestEntry(time=${entry.Time?.toISOString() ?? null}, source=${entry.Source ?? null}, ` +
  `resources=${entry.Resources === undefined ? null : `[${entry.Resources.join(', ')}]`}, ` +
  `detailType=${entry.DetailType ?? null}, detail=${entry.Detail ?? null}, ` +
  `eventBusName=${entry.EventBusName ?? null}, traceHeader=${entry.TraceHeader ?? null}, kmsKeyIdentifier=null, internalMetadata=null)`;

/** Checks what makes a whole request fail. */
export const checkRequest = (
  entries: readonly PutEventsRequestEntry[] | undefined,
): readonly PutEventsRequestEntry[] => {
  const constraints = new Constraints().required('entries', entries);
  const list = entries ?? [];
  if (entries !== undefined && (list.length < 1 || list.length > ENTRIES_MAX)) {
    const rule = list.length < 1 ? 'greater than or equal to 1' : `less than or equal to ${ENTRIES_MAX}`;
    constraints.fail('entries', `[${list.map(shown).join(', ')}]`, `Member must have length ${rule}`);
  }
  for (const [index, entry] of list.entries()) {
    constraints
      .length(`entries.${index + 1}.member.eventBusName`, entry.EventBusName, 1, 1_600)
      .pattern(`entries.${index + 1}.member.eventBusName`, entry.EventBusName, BUS_NAME_OR_ARN, SHOWN_BUS_NAME_OR_ARN);
  }
  constraints.check();
  for (const entry of list) {
    refuseUnmodelled(
      entry,
      ['Time', 'Source', 'Resources', 'DetailType', 'Detail', 'EventBusName', 'TraceHeader'],
      'PutEvents Entries',
    );
  }
  if (list.reduce((sum, entry) => sum + entryBytes(entry), 0) >= REQUEST_BYTES_MAX) {
    throw validation('Total size of the entries in the request is over the limit.');
  }
  return list;
};

const missing = (name: string): RejectedEntry => ({
  ErrorCode: 'InvalidArgument',
  ErrorMessage: `Parameter ${name} is not valid. Reason: ${name} is a required argument.`,
});

/** Checks one entry; what is wrong with it does not touch the others. */
export const readEntry = (entry: PutEventsRequestEntry): AcceptedEntry | RejectedEntry => {
  const { Source: source, DetailType: detailType, Detail } = entry;
  if (!source) return missing('Source');
  if (!detailType) return missing('DetailType');
  if (!Detail) return missing('Detail');
  if (source.startsWith('aws.')) {
    return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' };
  }
  let detail: unknown;
  try {
    detail = parseBoundedJson(Detail);
  } catch {
    detail = undefined;
  }
  if (typeof detail !== 'object' || detail === null || Array.isArray(detail)) {
    return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
  }
  return { source, detailType, detail: detail as Readonly<Record<string, unknown>> };
};
