import { base64OfText, type EpochMs, textOfBase64 } from '@holdfast/kernel';
import { ServiceError } from '../../core/index.ts';
import { invalidArgument } from './errors.ts';

/** How long an iterator may be used. */
export const ITERATOR_LIFETIME_MS = 300_000;

/** What an iterator stands for. Opaque to callers. */
export interface ShardIterator {
  readonly createdAt: EpochMs;
  readonly streamArn: string;
  readonly shardIndex: number;
  /** The next record is the first after it. */
  readonly afterSequenceNumber: string;
}

const MARK = '\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0001';

export const writeIterator = ({ createdAt, streamArn, shardIndex, afterSequenceNumber }: ShardIterator): string =>
  base64OfText(`${MARK}${[createdAt, streamArn, shardIndex, afterSequenceNumber].join('|')}`);

/** `Thu Jan 22 01:22:02 UTC 2015` */
const shownTime = (at: EpochMs): string => {
  const [day, date, month, year, time] = new Date(at).toUTCString().replace(',', '').split(' ') as [
    string,
    string,
    string,
    string,
    string,
  ];
  return `${day} ${month} ${date} ${time} UTC ${year}`;
};

/** @throws ServiceError when the text is no iterator, or one that is too old */
export const readIterator = (text: string, now: EpochMs): ShardIterator => {
  // Recorded: clients that copy an iterator out of JSON with its quotes are understood.
  const decoded = textOfBase64(text.replace(/^"(.*)"$/, '$1')) ?? '';
  const parts = decoded.slice(MARK.length).split('|');
  if (!decoded.startsWith(MARK) || parts.length !== 4) throw invalidArgument('Invalid ShardIterator.');
  const [created, streamArn, index, afterSequenceNumber] = parts as [string, string, string, string];
  const createdAt = Number(created);
  if (now - createdAt > ITERATOR_LIFETIME_MS) {
    throw new ServiceError(
      'ExpiredIteratorException',
      `Iterator expired. The iterator was created at time ${shownTime(createdAt)} while right now it is ${shownTime(now)} which is further in the future than the tolerated delay of ${ITERATOR_LIFETIME_MS} milliseconds.`,
      400,
    );
  }
  return { createdAt, streamArn, shardIndex: Number(index), afterSequenceNumber };
};
