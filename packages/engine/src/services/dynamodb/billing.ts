import type { BillingMode, ProvisionedThroughput } from '@aws-sdk/client-dynamodb';
import { Constraints } from '../../core/index.ts';
import { invalidValue } from './errors.ts';
import type { StoredThroughput } from './table.ts';

/** What billing mode and throughput come to. */
export interface Billing {
  readonly mode: BillingMode;
  readonly throughput: StoredThroughput;
}

const NO_THROUGHPUT: StoredThroughput = { ReadCapacityUnits: 0, WriteCapacityUnits: 0 };

/** Units of a table or an index; both are needed. */
export const readThroughput = (throughput: ProvisionedThroughput): StoredThroughput => {
  new Constraints()
    .required('provisionedThroughput.readCapacityUnits', throughput.ReadCapacityUnits)
    .required('provisionedThroughput.writeCapacityUnits', throughput.WriteCapacityUnits)
    .range('provisionedThroughput.readCapacityUnits', throughput.ReadCapacityUnits, 1, Number.MAX_SAFE_INTEGER)
    .range('provisionedThroughput.writeCapacityUnits', throughput.WriteCapacityUnits, 1, Number.MAX_SAFE_INTEGER)
    .check();
  return {
    ReadCapacityUnits: throughput.ReadCapacityUnits as number,
    WriteCapacityUnits: throughput.WriteCapacityUnits as number,
  };
};

/** Throughput belongs to PROVISIONED and only to it. */
export const readBilling = (mode: BillingMode | undefined, throughput: ProvisionedThroughput | undefined): Billing => {
  if (mode === 'PAY_PER_REQUEST') {
    if (throughput !== undefined) {
      throw invalidValue(
        'Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST',
      );
    }
    return { mode, throughput: NO_THROUGHPUT };
  }
  if (throughput === undefined) {
    throw invalidValue(
      'ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED',
    );
  }
  return { mode: 'PROVISIONED', throughput: readThroughput(throughput) };
};
