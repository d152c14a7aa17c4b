import { expect, it } from 'vitest';
import { TestEngine } from '../../test-engine.ts';

const events = <Output = Record<string, unknown>>(test: TestEngine, action: string, input: object = {}) =>
  test.call<Output>('events', action, input);
const BUS = 'arn:aws:events:us-east-1:000000000000:event-bus/default';
const API = 'http://localhost:8080/orders';

it('buses are listed by prefix, and keep what an update leaves out', async () => {
  const test = new TestEngine();
  for (const Name of ['orders', 'returns']) await events(test, 'CreateEventBus', { Name, Description: `of ${Name}` });
  const names = async (input: object) =>
    (await events<{ EventBuses: { Name: string }[] }>(test, 'ListEventBuses', input)).EventBuses.map(
      ({ Name }) => Name,
    );
  expect(await names({})).toEqual(['default', 'orders', 'returns']);
  expect(await names({ NamePrefix: 'or' })).toEqual(['orders']);

  const Arn = 'arn:aws:sqs:us-east-1:000000000000:dlq';
  await events(test, 'UpdateEventBus', { Name: 'orders', DeadLetterConfig: { Arn } });

  expect(await events(test, 'DescribeEventBus', { Name: 'orders' })).toMatchObject({
    Description: 'of orders',
    DeadLetterConfig: { Arn },
  });
});

it('connections and API destinations are listed, changed and deleted', async () => {
  const test = new TestEngine();
  test.endpoints.set(API, () => ({}));
  const AuthParameters = { ApiKeyAuthParameters: { ApiKeyName: 'key', ApiKeyValue: 'secret' } };
  const connection = { AuthorizationType: 'API_KEY', AuthParameters };
  const { ConnectionArn } = await events(test, 'CreateConnection', { Name: 'shop', ...connection });
  await events(test, 'CreateConnection', { Name: 'stock', ...connection });
  const destination = { ConnectionArn, InvocationEndpoint: API, HttpMethod: 'POST' };
  await events(test, 'CreateApiDestination', { Name: 'orders', Description: 'old', ...destination });
  await test.advance(0);
  expect(await events(test, 'ListConnections', { NamePrefix: 's', ConnectionState: 'AUTHORIZED' })).toMatchObject({
    Connections: [{ Name: 'shop' }, { Name: 'stock' }],
  });

  await events(test, 'UpdateApiDestination', { Name: 'orders', HttpMethod: 'PUT', Description: 'new' });
  expect(await events(test, 'DescribeApiDestination', { Name: 'orders' })).toMatchObject({
    HttpMethod: 'PUT',
    InvocationEndpoint: API,
    Description: 'new',
  });
  expect(await events(test, 'ListApiDestinations', { ConnectionArn })).toMatchObject({
    ApiDestinations: [{ Name: 'orders', ConnectionArn }],
  });

  const gone = await events(test, 'DeauthorizeConnection', { Name: 'shop' });
  expect(gone).toMatchObject({ ConnectionArn, ConnectionState: 'DEAUTHORIZED' });
  await events(test, 'DeleteApiDestination', { Name: 'orders' });
  expect(await events(test, 'ListApiDestinations')).toEqual({ ApiDestinations: [] });
  await expect(events(test, 'DeleteApiDestination', { Name: 'orders' })).rejects.toMatchObject({
    code: 'ResourceNotFoundException',
  });
});

it('replays stay listed when the archive that they were of is deleted', async () => {
  const test = new TestEngine();
  const { ArchiveArn } = await events(test, 'CreateArchive', { ArchiveName: 'all', EventSourceArn: BUS });
  await events(test, 'PutEvents', { Entries: [{ Source: 'shop', DetailType: 'order', Detail: '{}' }] });
  await test.advance(60_000);
  await events(test, 'StartReplay', {
    ReplayName: 'again',
    EventSourceArn: ArchiveArn,
    EventStartTime: new Date(test.clock.now() - 120_000),
    EventEndTime: new Date(test.clock.now()),
    Destination: { Arn: BUS },
  });
  await test.advance(3_600_000);
  await events(test, 'DeleteArchive', { ArchiveName: 'all' });

  expect(await events(test, 'ListArchives')).toEqual({ Archives: [] });
  expect(await events(test, 'ListReplays', { State: 'COMPLETED' })).toMatchObject({
    Replays: [{ ReplayName: 'again', EventSourceArn: ArchiveArn }],
  });
  expect(await events(test, 'ListReplays', { NamePrefix: 'other' })).toEqual({ Replays: [] });
});
