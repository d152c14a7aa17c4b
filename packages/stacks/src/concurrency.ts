/**
 * How the account's concurrency is shared out: the whole table, so that a change is made knowing what it takes from
 * whom. What is not reserved stays for all other functions of the account.
 */
export const CONCURRENCY_ALLOCATION = {
  /** AWS's default quota per region. */
  accountTotal: 1_000,
  reserved: {
    'csv-parser': 50,
    'product-validator': 100,
    'error-processor': 20,
    'csv-parser-retry': 10,
  },
  /** 1,000 − 50 − 100 − 20 − 10; AWS refuses to let this fall below 100. */
  unreserved: 820,
} as const;
