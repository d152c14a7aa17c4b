import type * as Sdk from '@aws-sdk/client-dynamodb';
import { type Operations, operation, type Service, type ServiceEnvironment } from '../../core/index.ts';
import { batchGetItem, batchWriteItem } from './batches.ts';
import { getItem, query, scan } from './reads.ts';
import { describeTable } from './table-description.ts';
import {
  createTable,
  deleteTable,
  describeBackups,
  listTables,
  mergedTags,
  taggedTable,
  updateBackups,
  updateTable,
  updateTimeToLive,
} from './table-operations.ts';
import { type ItemChange, Tables } from './tables.ts';
import { TransactionTokens, transactGetItems, transactWriteItems } from './transactions.ts';
import { deleteItem, putItem, updateItem } from './writes.ts';

/**
 * Tables, items, expressions, indexes, batches, transactions and expiry of Amazon DynamoDB.
 *
 * Items handed out are the stored ones: callers inside the process must not change them.
 */
export class DynamoDbService implements Service {
  readonly operations: Operations<typeof Sdk>;
  readonly #environment: ServiceEnvironment;
  readonly #tables: Tables;
  readonly #tokens: TransactionTokens;

  constructor(environment: ServiceEnvironment) {
    this.#environment = environment;
    this.#tables = new Tables(environment);
    this.#tokens = new TransactionTokens(environment.store, environment.digest);
    this.operations = { ...this.#tableOperations(), ...this.#itemOperations() };
  }

  start(): void {
    this.#tables.start();
  }

  /** Hears of every change of a table's items; see {@link Tables.onChange}. */
  onChange(tableArn: string, listener: (change: ItemChange) => void): () => void {
    return this.#tables.onChange(tableArn, listener);
  }

  #tableOperations(): Operations<typeof Sdk> {
    const tables = this.#tables;
    return {
      CreateTable: operation(
        [
          'TableName',
          'AttributeDefinitions',
          'KeySchema',
          'LocalSecondaryIndexes',
          'GlobalSecondaryIndexes',
          'BillingMode',
          'ProvisionedThroughput',
          'OnDemandThroughput',
          'StreamSpecification',
          'SSESpecification',
          'TableClass',
          'DeletionProtectionEnabled',
          'Tags',
        ],
        (input, context) => createTable(tables, input, context, this.#environment.ids.uuid()),
      ),
      DescribeTable: operation(['TableName'], (input, context) => ({
        Table: describeTable(tables.requireNamed(input.TableName, context)),
      })),
      UpdateTable: operation(
        [
          'TableName',
          'AttributeDefinitions',
          'BillingMode',
          'ProvisionedThroughput',
          'OnDemandThroughput',
          'GlobalSecondaryIndexUpdates',
          'StreamSpecification',
          'SSESpecification',
          'TableClass',
          'DeletionProtectionEnabled',
        ],
        (input, context) => updateTable(tables, input, context),
      ),
      DeleteTable: operation(['TableName'], (input, context) => deleteTable(tables, input, context)),
      ListTables: operation(['ExclusiveStartTableName', 'Limit'], (input, context) =>
        listTables(tables, input, context),
      ),
      TagResource: operation(['ResourceArn', 'Tags'], (input, context) => {
        const table = taggedTable(tables, input.ResourceArn, context);
        tables.change(table, { tags: mergedTags(table.stored.tags, input.Tags ?? []) });
        return {};
      }),
      UntagResource: operation(['ResourceArn', 'TagKeys'], (input, context) => {
        const table = taggedTable(tables, input.ResourceArn, context);
        const tags = table.stored.tags.filter((tag) => !input.TagKeys?.includes(tag.Key as string));
        tables.change(table, { tags });
        return {};
      }),
      ListTagsOfResource: operation(['ResourceArn', 'NextToken'], (input, context) => ({
        Tags: [...taggedTable(tables, input.ResourceArn, context).stored.tags],
      })),
      UpdateTimeToLive: operation(['TableName', 'TimeToLiveSpecification'], (input, context) =>
        updateTimeToLive(tables, input, context),
      ),
      DescribeTimeToLive: operation(['TableName'], (input, context) => {
        const { timeToLive } = tables.requireNamed(input.TableName, context).stored;
        return {
          TimeToLiveDescription:
            timeToLive === undefined
              ? { TimeToLiveStatus: 'DISABLED' }
              : { TimeToLiveStatus: 'ENABLED', AttributeName: timeToLive.attribute },
        };
      }),
      UpdateContinuousBackups: operation(['TableName', 'PointInTimeRecoverySpecification'], (input, context) =>
        updateBackups(tables, input, context),
      ),
      DescribeContinuousBackups: operation(['TableName'], (input, context) =>
        describeBackups(tables.requireNamed(input.TableName, context), context.now),
      ),
    };
  }

  #itemOperations(): Operations<typeof Sdk> {
    const tables = this.#tables;
    return {
      PutItem: operation(
        [
          'TableName',
          'Item',
          'ConditionExpression',
          'ExpressionAttributeNames',
          'ExpressionAttributeValues',
          'ReturnValues',
          'ReturnValuesOnConditionCheckFailure',
          'ReturnConsumedCapacity',
          'ReturnItemCollectionMetrics',
        ],
        (input, context) => putItem(tables, tables.require(input.TableName, context), input, context.now),
      ),
      GetItem: operation(
        [
          'TableName',
          'Key',
          'ConsistentRead',
          'ProjectionExpression',
          'ExpressionAttributeNames',
          'ReturnConsumedCapacity',
        ],
        (input, context) => getItem(tables.require(input.TableName, context), input),
      ),
      UpdateItem: operation(
        [
          'TableName',
          'Key',
          'UpdateExpression',
          'ConditionExpression',
          'ExpressionAttributeNames',
          'ExpressionAttributeValues',
          'ReturnValues',
          'ReturnValuesOnConditionCheckFailure',
          'ReturnConsumedCapacity',
          'ReturnItemCollectionMetrics',
        ],
        (input, context) => updateItem(tables, tables.require(input.TableName, context), input, context.now),
      ),
      DeleteItem: operation(
        [
          'TableName',
          'Key',
          'ConditionExpression',
          'ExpressionAttributeNames',
          'ExpressionAttributeValues',
          'ReturnValues',
          'ReturnValuesOnConditionCheckFailure',
          'ReturnConsumedCapacity',
          'ReturnItemCollectionMetrics',
        ],
        (input, context) => deleteItem(tables, tables.require(input.TableName, context), input, context.now),
      ),
      Query: operation(
        [
          'TableName',
          'IndexName',
          'KeyConditionExpression',
          'FilterExpression',
          'ProjectionExpression',
          'ExpressionAttributeNames',
          'ExpressionAttributeValues',
          'Select',
          'Limit',
          'ConsistentRead',
          'ScanIndexForward',
          'ExclusiveStartKey',
          'ReturnConsumedCapacity',
        ],
        (input, context) => query(tables.require(input.TableName, context), input),
      ),
      Scan: operation(
        [
          'TableName',
          'IndexName',
          'FilterExpression',
          'ProjectionExpression',
          'ExpressionAttributeNames',
          'ExpressionAttributeValues',
          'Select',
          'Limit',
          'ConsistentRead',
          'Segment',
          'TotalSegments',
          'ExclusiveStartKey',
          'ReturnConsumedCapacity',
        ],
        (input, context) => scan(tables.require(input.TableName, context), input),
      ),
      BatchWriteItem: operation(
        ['RequestItems', 'ReturnConsumedCapacity', 'ReturnItemCollectionMetrics'],
        (input, context) => batchWriteItem(tables, input, context),
      ),
      BatchGetItem: operation(['RequestItems', 'ReturnConsumedCapacity'], (input, context) =>
        batchGetItem(tables, input, context),
      ),
      TransactWriteItems: operation(
        ['TransactItems', 'ClientRequestToken', 'ReturnConsumedCapacity', 'ReturnItemCollectionMetrics'],
        (input, context) => transactWriteItems(tables, this.#tokens, input, context),
      ),
      TransactGetItems: operation(['TransactItems', 'ReturnConsumedCapacity'], (input, context) =>
        transactGetItems(tables, input, context),
      ),
    };
  }
}
