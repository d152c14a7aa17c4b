/** Keys of archived dead letters begin so, wherever they come from: that is how the ledger finds them. */
export const ARCHIVE_PREFIX = 'dead-letters/';
