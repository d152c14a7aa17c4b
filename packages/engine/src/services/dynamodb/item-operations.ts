import type * as Sdk from '@aws-sdk/client-dynamodb';
import { type Operations, operation } from '../../core/index.ts';
import { batchGetItem, batchWriteItem } from './batches.ts';
import { getItem, query, scan } from './reads.ts';
import type { Tables } from './tables.ts';
import { transactGetItems } from './transact-get.ts';
import { transactWriteItems } from './transact-write.ts';
import type { TransactionTokens } from './transaction-tokens.ts';
import { deleteItem, putItem, updateItem } from './writes.ts';

/** Reading and writing items: one by one, in batches, in transactions. */
export const itemOperations = (tables: Tables, tokens: TransactionTokens): Operations<typeof Sdk> => {
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
      (input, context) => putItem(tables, tables.opening(input.TableName, context), input, context.now),
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
      (input, context) => getItem(tables.opening(input.TableName, context), input),
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
      (input, context) => updateItem(tables, tables.opening(input.TableName, context), input, context.now),
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
      (input, context) => deleteItem(tables, tables.opening(input.TableName, context), input, context.now),
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
      (input, context) => query(tables.opening(input.TableName, context), input),
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
      (input, context) => scan(tables.opening(input.TableName, context), input),
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
      (input, context) => transactWriteItems(tables, tokens, input, context),
    ),
    TransactGetItems: operation(['TransactItems', 'ReturnConsumedCapacity'], (input, context) =>
      transactGetItems(tables, input, context),
    ),
  };
};
