import { closeSync, openSync } from 'node:fs';
import { codeOf } from './files.ts';

/** What passes, and until then leaves nothing to write with. */
export interface Shortage {
  /** Goes before the name of what cannot be written then. */
  readonly what: string;
  /** Goes behind “until”. */
  readonly end: string;
  readonly over: string;
}

export const FULL_DISK: Shortage = {
  what: 'there is no room on the disk for',
  end: 'there is room',
  over: 'there is room on the disk again',
};

/** Connections are files as well. */
export const OPEN_FILES: Shortage = {
  what: 'too many files are open to write to',
  end: 'some are closed',
  over: 'files can be opened again',
};

const SHORTAGES = new Map([
  ...['ENOSPC', 'EDQUOT', 'EFBIG'].map((code) => [code, FULL_DISK] as const),
  ...['EMFILE', 'ENFILE'].map((code) => [code, OPEN_FILES] as const),
]);

/** Whether what happened passes by itself, and what it is then. */
export const shortageOf = (cause: unknown): Shortage | undefined => SHORTAGES.get(codeOf(cause));

/** @throws what is in the way of opening one more file */
export const openOneMore = (file: string): void => closeSync(openSync(file, 'r'));
