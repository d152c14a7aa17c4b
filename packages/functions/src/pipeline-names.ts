import { ARCHIVE_PREFIX } from './archive-prefix.ts';

/** What the vendor pipeline's functions, stack and commands have to call the same. */
export const PIPELINE = {
  functions: {
    parser: 'csv-parser',
    validator: 'product-validator',
    errors: 'error-processor',
    retry: 'csv-parser-retry',
  },
  tables: { products: 'products', uploads: 'uploads' },
  topic: 'product-upload-notifications',
  /** Of the metrics that the handlers publish. */
  metricNamespace: 'EcommerceProductOnboarding',
  /** Keys of the uploads bucket by what they hold. */
  keyPrefix: { uploads: 'uploads/', errors: 'errors/', deadLetters: ARCHIVE_PREFIX },
} as const;
