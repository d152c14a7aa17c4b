import { PARSER_ERROR_TYPES } from '../csv-parser/errors.ts';
import { PIPELINE } from '../pipeline-names.ts';
import { uploadedObjects } from '../s3-event.ts';
import type { RetriedEvents } from '../scheduled-retry/retried-events.ts';
import { parseUploadKey } from './upload-key.ts';

/** Objects named one by one in an alert. */
const OBJECTS_NAMED = 10;

/** S3 events of vendors' uploads, which the parser could not take. */
export const retriedUploads: RetriedEvents = {
  source: PIPELINE.functions.retry,
  noun: 'Upload',
  metricNamespace: PIPELINE.metricNamespace,
  errorTypes: PARSER_ERROR_TYPES,
  describe: (event) => {
    const objects = uploadedObjects(event);
    const first = objects?.[0];
    if (objects === undefined || first === undefined) return undefined;
    const vendorId = parseUploadKey(first.key)?.vendorId;
    return {
      name: first.key.replace(/^uploads\//, ''),
      lines: [
        ...objects.slice(0, OBJECTS_NAMED).map(({ bucket, key }) => `File: s3://${bucket}/${key}`),
        ...(objects.length > OBJECTS_NAMED ? [`... and ${objects.length - OBJECTS_NAMED} more`] : []),
      ],
      attributes: {
        s3_bucket: first.bucket,
        s3_key: first.key,
        ...(vendorId === undefined ? {} : { vendor_id: vendorId }),
      },
      evidence: { objects },
    };
  },
};
