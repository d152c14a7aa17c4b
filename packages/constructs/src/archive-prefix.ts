/** Keys of archived dead letters begin so, unless a prop says otherwise; the ledger looks for them there. */
export const ARCHIVE_PREFIX = 'dead-letters/';
