import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { conditionally } from '../conditional-write.ts';
import type { UploadRecord } from './upload-record.ts';

/** Members of a record that an update may set, or remove by `undefined`. */
export type UploadChanges = { readonly [Member in keyof UploadRecord]?: UploadRecord[Member] | undefined };

/** How a write of a whole record went. When it was refused, `found` is what is there instead, if anything is. */
export type Written = { readonly isWritten: true } | { readonly isWritten: false; readonly found?: UploadRecord };

/** The parser's view of the uploads table. Writes say so when somebody else was faster. */
export interface UploadRecords {
  read(vendorId: string, fileKey: string): Promise<UploadRecord | undefined>;
  /** Puts `record` in place of its revision before, with everything that others had added to it. */
  replace(record: UploadRecord): Promise<Written>;
  /** Changes members only: what validator and error processor have added stays. */
  update(before: UploadRecord, changes: UploadChanges): Promise<boolean>;
}

const updateExpression = (changes: UploadChanges) => {
  const names: Record<string, string> = { '#revision': 'revision' };
  const values: Record<string, unknown> = {};
  const set: string[] = [];
  const remove: string[] = [];
  for (const [member, value] of Object.entries(changes)) {
    names[`#${member}`] = member;
    if (value === undefined) {
      remove.push(`#${member}`);
    } else {
      values[`:${member}`] = value;
      set.push(`#${member} = :${member}`);
    }
  }
  const clauses = [`SET ${set.join(', ')}`, ...(remove.length > 0 ? [`REMOVE ${remove.join(', ')}`] : [])];
  return { expression: clauses.join(' '), names, values };
};

/** Keeps upload records in DynamoDB, each write conditional on the revision it follows. */
export const uploadRecordsIn = (dynamodb: Pick<DynamoDBClient, 'send'>, tableName: string): UploadRecords => ({
  async read(vendorId, fileKey) {
    const { Item } = await dynamodb.send(
      new GetItemCommand({
        TableName: tableName,
        Key: { vendor_id: { S: vendorId }, file_key: { S: fileKey } },
        // A retry must see what the attempt before it wrote.
        ConsistentRead: true,
      }),
    );
    return Item === undefined ? undefined : (unmarshall(Item) as UploadRecord);
  },

  async replace(record) {
    const isFirst = record.revision === 1;
    try {
      await dynamodb.send(
        new PutItemCommand({
          TableName: tableName,
          Item: marshall(record, { removeUndefinedValues: true }),
          ConditionExpression: isFirst ? 'attribute_not_exists(vendor_id)' : '#revision = :before',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          ...(isFirst
            ? {}
            : {
                ExpressionAttributeNames: { '#revision': 'revision' },
                ExpressionAttributeValues: { ':before': { N: String(record.revision - 1) } },
              }),
        }),
      );
      return { isWritten: true };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return { isWritten: false, ...(error.Item && { found: unmarshall(error.Item) as UploadRecord }) };
    }
  },

  update(before, changes) {
    const { expression, names, values } = updateExpression({ ...changes, revision: before.revision + 1 });
    return conditionally(
      dynamodb.send(
        new UpdateItemCommand({
          TableName: tableName,
          Key: { vendor_id: { S: before.vendor_id }, file_key: { S: before.file_key } },
          UpdateExpression: expression,
          ConditionExpression: '#revision = :before',
          ExpressionAttributeNames: names,
          ExpressionAttributeValues: marshall({ ...values, ':before': before.revision }),
        }),
      ),
    );
  },
});
