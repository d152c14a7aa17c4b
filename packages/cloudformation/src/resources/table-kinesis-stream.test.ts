import { expect, it } from 'vitest';
import { DeployerBench } from '../deployer-bench.ts';

const stream = (StreamArn: unknown, more: object = {}) => ({ KinesisStreamSpecification: { StreamArn, ...more } });
const arn = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });

/** A table with two streams beside it. */
const templateOf = (more: object) => ({
  Resources: {
    First: { Type: 'AWS::Kinesis::Stream', Properties: { Name: 'first-of-two', ShardCount: 1 } },
    Second: { Type: 'AWS::Kinesis::Stream', Properties: { Name: 'second-of-two', ShardCount: 1 } },
    Items: {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        TableName: 'items',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
        ...more,
      },
    },
  },
});

/** Statuses by the streams' names. */
const destinations = async (bench: DeployerBench) => {
  const { KinesisDataStreamDestinations } = await bench.call<{
    KinesisDataStreamDestinations: {
      StreamArn: string;
      DestinationStatus: string;
      ApproximateCreationDateTimePrecision?: string;
    }[];
  }>('dynamodb', 'DescribeKinesisStreamingDestination', { TableName: 'items' });
  return Object.fromEntries(
    KinesisDataStreamDestinations.map(
      ({ StreamArn, DestinationStatus, ApproximateCreationDateTimePrecision: precision }) => [
        StreamArn.split('/')[1],
        precision === undefined ? DestinationStatus : `${DestinationStatus} ${precision}`,
      ],
    ),
  );
};

it('lets a table write into one stream, then into another, then into none', async () => {
  const bench = new DeployerBench();
  const precision = (ApproximateCreationDateTimePrecision: string) => ({ ApproximateCreationDateTimePrecision });
  const update = async (more: object) => {
    expect(await bench.update('s', templateOf(more))).toMatchObject({ StackStatus: 'UPDATE_COMPLETE' });
    return destinations(bench);
  };

  await bench.create('s', templateOf(stream(arn('First'))));
  expect(await destinations(bench)).toEqual({ 'first-of-two': 'ACTIVE' });
  expect(await update(stream(arn('First'), precision('MICROSECOND')))).toEqual({
    'first-of-two': 'ACTIVE MICROSECOND',
  });
  expect(await update(stream(arn('First')))).toEqual({ 'first-of-two': 'ACTIVE MILLISECOND' });
  expect(await update(stream(arn('First'), precision('MILLISECOND')))).toEqual({
    'first-of-two': 'ACTIVE MILLISECOND',
  });
  expect(await update(stream(arn('Second')))).toEqual({ 'first-of-two': 'DISABLED', 'second-of-two': 'ACTIVE' });
  expect(await update({})).toEqual({ 'first-of-two': 'DISABLED', 'second-of-two': 'DISABLED' });
});

it('fails with what the table says of a stream that is not there, and goes back to the one before', async () => {
  const bench = new DeployerBench();
  const nobody = stream('arn:aws:kinesis:us-east-1:000000000000:stream/of-nobody');
  const failed = async (stackId: string) =>
    (await bench.events(stackId)).find(
      ({ LogicalResourceId, ResourceStatus }) => LogicalResourceId === 'Items' && ResourceStatus?.endsWith('FAILED'),
    )?.ResourceStatusReason;

  const { StackStatus, StackId } = await bench.create('first', templateOf(nobody));
  expect(StackStatus).toBe('ROLLBACK_COMPLETE');
  expect(await failed(StackId as string)).toBe('User does not have a permission to use kinesis stream');

  await bench.create('second', templateOf(stream(arn('First'))));
  const updated = await bench.update('second', templateOf(nobody));
  expect(updated.StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(await failed(updated.StackId as string)).toBe('User does not have a permission to use kinesis stream');
  expect(await destinations(bench)).toEqual({ 'first-of-two': 'ACTIVE', 'of-nobody': 'ENABLE_FAILED' });
});
