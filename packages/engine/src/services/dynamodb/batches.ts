import type {
  BatchGetItemCommandInput,
  BatchGetItemCommandOutput,
  BatchWriteItemCommandInput,
  BatchWriteItemCommandOutput,
  ConsumedCapacity,
  KeysAndAttributes,
  WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { memberOf, setMember } from '@holdfast/kernel';
import { Constraints, notSupported, type RequestContext, type Result, refuseUnmodelled } from '../../core/index.ts';
import type { Item } from './attribute-value.ts';
import { addWrite, noConsumption, readUnits, reportConsumption } from './capacity.ts';
import { invalid, KeyMismatch } from './errors.ts';
import { projectPaths } from './expressions/project.ts';
import { checkCapacityMode, judgeKey, judgeProjection } from './reads.ts';
import type { Tables } from './tables.ts';
import { executePlan, type Judged, judgeDelete, judgePut, type WritePlan } from './write-plans.ts';

const BATCH_WRITES_MAX = 25;
const BATCH_GETS_MAX = 100;
const BATCH_WRITE_BYTES_MAX = 16 * 1024 * 1024;
const BATCH_GET_BYTES_MAX = 16 * 1024 * 1024;

type RequestItems<Request> = Record<string, Request> | undefined;

const requestedTables = <Request>(items: RequestItems<Request>): [string, Request][] => {
  const constraints = new Constraints().required('requestItems', items);
  constraints.check();
  const entries = Object.entries(items as Record<string, Request>);
  if (entries.length === 0) {
    constraints.fail('requestItems', '{}', 'Member must have length greater than or equal to 1').check();
  }
  return entries;
};

const DUPLICATES = 'Provided list of item keys contains duplicates';

const checkRequestCounts = (entries: readonly [string, readonly WriteRequest[]][]): void => {
  let count = 0;
  for (const [name, requests] of entries) {
    if (requests.length === 0 || requests.length > BATCH_WRITES_MAX) {
      new Constraints()
        .fail(
          'requestItems',
          `{${name}=[...]}`,
          'Map value must satisfy constraint: [Member must have length less than or equal to 25, ' +
            'Member must have length greater than or equal to 1]',
        )
        .check();
    }
    count += requests.length;
  }
  if (count > BATCH_WRITES_MAX) throw invalid('Too many items requested for the BatchWriteItem call');
};

const judgeRequest = (request: WriteRequest): Judged => {
  const { PutRequest: put, DeleteRequest: remove } = request;
  if ((put === undefined) === (remove === undefined)) {
    throw invalid(
      'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
    );
  }
  const judged = put === undefined ? judgeDelete({ Key: remove?.Key }) : judgePut({ Item: put.Item });
  return (table) => {
    try {
      return judged(table);
    } catch (error) {
      // In a batch every mismatch with the table's own key reads the same.
      if (error instanceof KeyMismatch && !error.message.includes('Index Key')) {
        throw new KeyMismatch('The provided key element does not match the schema');
      }
      throw error;
    }
  };
};

/** Puts and deletes without conditions; all checked before the first is done, each done for itself. */
export const batchWriteItem = (
  tables: Tables,
  input: BatchWriteItemCommandInput,
  context: RequestContext,
): Result<BatchWriteItemCommandOutput> => {
  checkCapacityMode(input.ReturnConsumedCapacity);
  if (input.ReturnItemCollectionMetrics === 'SIZE') throw notSupported('ReturnItemCollectionMetrics SIZE');
  const entries = requestedTables(input.RequestItems);
  checkRequestCounts(entries);
  // All that can be said of the requests comes before the first look at a table.
  const judged = entries.map(([name, requests]) => ({ name, requests: requests.map(judgeRequest) }));
  const batches = judged.map(({ name, requests }) => {
    const table = tables.require(name, context);
    const seen = new Set<string>();
    const plans = requests.map((request) => {
      const plan = request(table);
      if (seen.has(plan.rowKey)) throw invalid(DUPLICATES);
      seen.add(plan.rowKey);
      return plan;
    });
    return { name, table, plans };
  });
  checkBatchBytes(batches.flatMap(({ plans }) => plans));
  const wantsCapacity = input.ReturnConsumedCapacity !== undefined && input.ReturnConsumedCapacity !== 'NONE';
  const reports: ConsumedCapacity[] = [];
  for (const { name, table, plans } of batches) {
    const consumption = noConsumption();
    for (const plan of plans) {
      const { before, after } = executePlan(tables, plan, context.now);
      if (wantsCapacity) addWrite(consumption, table, before, after);
    }
    const report = reportConsumption(input.ReturnConsumedCapacity, table, name, consumption);
    if (report !== undefined) reports.push(report);
  }
  return { UnprocessedItems: {}, ...(wantsCapacity ? { ConsumedCapacity: reports } : {}) };
};

const checkBatchBytes = (plans: readonly WritePlan[]): void => {
  let bytes = 0;
  for (const plan of plans) {
    const next = plan.next(undefined);
    if (typeof next === 'object') bytes += next.bytes;
  }
  if (bytes > BATCH_WRITE_BYTES_MAX) throw invalid('Batch write request size exceeds the maximum of 16 MB');
};

const KEYS_AND_ATTRIBUTES = ['Keys', 'ConsistentRead', 'ProjectionExpression', 'ExpressionAttributeNames'];

const checkGets = (entries: readonly [string, KeysAndAttributes][]): void => {
  let count = 0;
  for (const [name, request] of entries) {
    refuseUnmodelled(request, KEYS_AND_ATTRIBUTES, 'BatchGetItem');
    const constraints = new Constraints().required(`requestItems.${name}.member.keys`, request.Keys);
    constraints.check();
    const keys = request.Keys as Item[];
    if (keys.length === 0) {
      constraints
        .fail(`requestItems.${name}.member.keys`, '[]', 'Member must have length greater than or equal to 1')
        .check();
    }
    count += keys.length;
    if (keys.length > BATCH_GETS_MAX) {
      constraints
        .fail(`requestItems.${name}.member.keys`, '[...]', 'Member must have length less than or equal to 100')
        .check();
    }
  }
  if (count > BATCH_GETS_MAX) throw invalid('Too many items requested for the BatchGetItem call');
};

/** Reads by key. What does not fit in 16 MB comes back as `UnprocessedKeys`. */
export const batchGetItem = (
  tables: Tables,
  input: BatchGetItemCommandInput,
  context: RequestContext,
): Result<BatchGetItemCommandOutput> => {
  checkCapacityMode(input.ReturnConsumedCapacity);
  const entries = requestedTables(input.RequestItems);
  checkGets(entries);
  const wantsCapacity = input.ReturnConsumedCapacity !== undefined && input.ReturnConsumedCapacity !== 'NONE';
  const responses: Record<string, Item[]> = {};
  const unprocessed: Record<string, KeysAndAttributes> = {};
  const reports: ConsumedCapacity[] = [];
  let bytes = 0;
  const judged = entries.map(([name, request]) => {
    const keys = request.Keys as Item[];
    return { name, request, keys, projection: judgeProjection(request), keyOf: keys.map(judgeKey) };
  });
  for (const { name, request, keys, ...given } of judged) {
    const table = tables.require(name, context);
    const projection = given.projection(table);
    const rowKeys = given.keyOf.map((rowKeyOf) => rowKeyOf(table));
    if (new Set(rowKeys).size < rowKeys.length) throw invalid(DUPLICATES);
    const consumption = noConsumption();
    const items: Item[] = [];
    rowKeys.forEach((rowKey, position) => {
      const row = table.rows.get(rowKey);
      if (row !== undefined && bytes + row.bytes > BATCH_GET_BYTES_MAX) {
        const rest = memberOf(unprocessed, name) ?? { ...request, Keys: [] };
        rest.Keys?.push(keys[position] as Item);
        setMember(unprocessed, name, rest);
        return;
      }
      consumption.table += readUnits(row?.bytes ?? 0, request.ConsistentRead === true);
      if (row === undefined) return;
      bytes += row.bytes;
      items.push(projection === undefined ? row.item : projectPaths(row.item, projection));
    });
    setMember(responses, name, items);
    const report = reportConsumption(input.ReturnConsumedCapacity, table, name, consumption);
    if (report !== undefined) reports.push(report);
  }
  return {
    Responses: responses,
    UnprocessedKeys: unprocessed,
    ...(wantsCapacity ? { ConsumedCapacity: reports } : {}),
  };
};
