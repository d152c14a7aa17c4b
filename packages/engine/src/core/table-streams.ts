import type { EpochMs } from '@holdfast/kernel';

type Item = Readonly<Record<string, object>>;

/** The table that a stream belongs to. */
export interface StreamedTable {
  readonly arn: string;
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly keySchema: readonly { readonly AttributeName: string | undefined; readonly KeyType: string | undefined }[];
}

/** A change of an item; items are attribute values by name and are not copied: nobody changes them in place. */
export interface StreamedChange {
  readonly at: EpochMs;
  readonly keys: Item;
  readonly oldImage: Item | undefined;
  readonly newImage: Item | undefined;
  readonly userIdentity?: { readonly type: string; readonly principalId: string } | undefined;
}

/** What DynamoDB's tables tell DynamoDB Streams, within the turn of the write. */
export interface TableStreams {
  /** Begins a stream. Returns its ARN, whose last part is the label. */
  open(table: StreamedTable, viewType: string, now: EpochMs): string;
  append(streamArn: string, change: StreamedChange): void;
  /** Ends a stream; its records stay readable until they are a day old. */
  close(streamArn: string, now: EpochMs): void;
}
