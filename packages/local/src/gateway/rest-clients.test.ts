import {
  CreateFunctionCommand,
  InvokeCommand,
  LambdaClient,
  ListTagsCommand,
  PutFunctionConcurrencyCommand,
} from '@aws-sdk/client-lambda';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { ServiceError } from '@holdfast/engine';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { authorization, failing, TestGateway } from './test-gateway.ts';

/** As signatures have it. */
const amzDate = (at: number): string => `${new Date(at).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;

let gateway: TestGateway;
let s3: S3Client;
let lambda: LambdaClient;
beforeAll(async () => {
  gateway = await TestGateway.start();
  s3 = new S3Client({ ...gateway.client, forcePathStyle: true });
  lambda = new LambdaClient(gateway.client);
});
afterAll(() => gateway.close());
beforeEach(() => {
  gateway.calls.length = 0;
  gateway.answer = () => ({});
});

const refusing = (code: string, message: string, status: number, members?: Record<string, unknown>) => () => {
  throw new ServiceError(code, message, status, members);
};

describe('Lambda', () => {
  it('an invocation carries its payload and headers both ways', async () => {
    gateway.answer = () => ({
      StatusCode: 200,
      FunctionError: 'Unhandled',
      LogResult: 'bG9n',
      ExecutedVersion: '$LATEST',
      Payload: Buffer.from('{"b":2}'),
    });
    const answer = await lambda.send(
      new InvokeCommand({
        FunctionName: 'arn:aws:lambda:eu-west-1:123456789012:function:f:live',
        InvocationType: 'RequestResponse',
        LogType: 'Tail',
        Payload: '{"a":1}',
        Qualifier: '1',
      }),
    );
    const { action, input } = gateway.lastCall;
    expect(action).toBe('Invoke');
    expect(input).toMatchObject({
      FunctionName: 'arn:aws:lambda:eu-west-1:123456789012:function:f:live',
      InvocationType: 'RequestResponse',
      LogType: 'Tail',
      Qualifier: '1',
    });
    expect(Buffer.from(input['Payload'] as Uint8Array).toString()).toBe('{"a":1}');
    expect(answer).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled', LogResult: 'bG9n' });
    expect(answer.Payload?.transformToString()).toBe('{"b":2}');
  });

  it.each([202, 204])('an invocation may answer %i without a body', async (StatusCode) => {
    gateway.answer = () => ({ StatusCode });
    const answer = await lambda.send(new InvokeCommand({ FunctionName: 'f', InvocationType: 'Event' }));
    expect(answer.StatusCode).toBe(StatusCode);
    expect(answer.Payload?.length ?? 0).toBe(0);
  });

  it('the code of a function arrives as bytes, and statuses come from the model', async () => {
    gateway.answer = () => ({ FunctionName: 'f', Timeout: 3 });
    const answer = await lambda.send(
      new CreateFunctionCommand({
        FunctionName: 'f',
        Role: 'arn:r',
        Code: { ZipFile: new Uint8Array([80, 75]) },
        Environment: { Variables: { A: 'b' } },
      }),
    );
    expect(answer.$metadata.httpStatusCode).toBe(201);
    expect([...(gateway.lastCall.input['Code'] as { ZipFile: Uint8Array }).ZipFile]).toEqual([80, 75]);
    await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: 'f', ReservedConcurrentExecutions: 5 }));
    expect(gateway.lastCall.input).toEqual({ FunctionName: 'f', ReservedConcurrentExecutions: 5 });
    await lambda.send(new ListTagsCommand({ Resource: 'arn:aws:lambda:eu-west-1:123456789012:function:f' }));
    expect(gateway.lastCall.input).toEqual({ Resource: 'arn:aws:lambda:eu-west-1:123456789012:function:f' });
  });

  it('an error keeps its members and the casing of its message', async () => {
    gateway.answer = refusing('ResourceNotFoundException', 'x', 404, {
      Type: 'User',
      Message: 'Function not found: f',
    });
    const invoke = new InvokeCommand({ FunctionName: 'f' });
    expect(await failing(lambda.send(invoke))).toMatchObject({
      name: 'ResourceNotFoundException',
      Type: 'User',
      message: 'Function not found: f',
      $metadata: { httpStatusCode: 404 },
    });
    gateway.answer = refusing('TooManyRequestsException', 'Rate Exceeded.', 429, {
      Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
      Type: 'User',
    });
    const response = await fetch(`${gateway.endpoint}/2015-03-31/functions/f/invocations`, { method: 'POST' });
    expect(response.headers.get('x-amzn-errortype')).toBe('TooManyRequestsException');
    expect(await response.json()).toEqual({
      message: 'Rate Exceeded.',
      Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
      Type: 'User',
    });
  });
});

describe('S3', () => {
  it('an object goes in with metadata and checksum', async () => {
    gateway.answer = () => ({ ETag: '"e"' });
    const put = await s3.send(
      new PutObjectCommand({
        Bucket: 'b',
        Key: 'a b/ü+c//d',
        Body: 'hello',
        ContentType: 'text/csv',
        Metadata: { Owner: 'me' },
      }),
    );
    expect(put.ETag).toBe('"e"');
    const { action, input } = gateway.lastCall;
    expect(action).toBe('PutObject');
    expect(input).toMatchObject({
      Bucket: 'b',
      Key: 'a b/ü+c//d',
      ContentType: 'text/csv',
      Metadata: { owner: 'me' },
      ContentLength: 5,
    });
    expect(Buffer.from(input['Body'] as Uint8Array).toString()).toBe('hello');
    expect(input['ChecksumCRC32']).toBe('NhCmhg==');
  });

  it('a streamed object arrives without its chunk framing', async () => {
    const { Readable } = await import('node:stream');
    const Body = Readable.from([Buffer.alloc(70_000, 'a'), Buffer.alloc(70_000, 'b')]);
    await s3.send(
      new PutObjectCommand({ Bucket: 'b', Key: 'k', Body, ContentLength: 140_000, ContentEncoding: 'gzip' }),
    );
    const { input } = gateway.lastCall;
    expect((input['Body'] as Uint8Array).length).toBe(140_000);
    expect(input['ContentEncoding']).toBe('gzip');
    expect(input['ContentLength']).toBe(140_000);
    expect(input['ChecksumCRC32']).toEqual(expect.any(String));
  });

  it('an empty object is still an object', async () => {
    await s3.send(new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: '' }));
    expect((gateway.lastCall.input['Body'] as Uint8Array).length).toBe(0);
  });

  it('an object comes out with its headers', async () => {
    const LastModified = new Date('2025-01-01T00:00:00Z');
    gateway.answer = () => ({
      Body: Buffer.from('hello'),
      ETag: '"e"',
      LastModified,
      ContentType: 'text/csv',
      ContentLength: 5,
      Metadata: { owner: 'me' },
      AcceptRanges: 'bytes',
    });
    const got = await s3.send(new GetObjectCommand({ Bucket: 'b', Key: 'k' }));
    expect(await got.Body?.transformToString()).toBe('hello');
    expect(got).toMatchObject({ ETag: '"e"', LastModified, ContentType: 'text/csv', Metadata: { owner: 'me' } });
    gateway.answer = () => ({ Body: Buffer.from('el'), ContentRange: 'bytes 1-2/5', ContentLength: 2 });
    const part = await s3.send(new GetObjectCommand({ Bucket: 'b', Key: 'k', Range: 'bytes=1-2' }));
    expect(part.$metadata.httpStatusCode).toBe(206);
    expect(gateway.lastCall.input['Range']).toBe('bytes=1-2');
  });

  it('HEAD answers length and headers without a body', async () => {
    gateway.answer = () => ({ ContentLength: 123_456, ETag: '"e"', ContentType: 'text/plain' });
    const head = await s3.send(new HeadObjectCommand({ Bucket: 'b', Key: 'k' }));
    expect(head).toMatchObject({ ContentLength: 123_456, ETag: '"e"' });
    gateway.answer = refusing('NotFound', 'Not Found', 404);
    expect(await failing(s3.send(new HeadObjectCommand({ Bucket: 'b', Key: 'k' })))).toMatchObject({
      name: 'NotFound',
    });
  });

  it('buckets and objects are listed', async () => {
    const CreationDate = new Date('2025-01-01T00:00:00Z');
    gateway.answer = () => ({ Buckets: [{ Name: 'b', CreationDate }], Owner: { ID: 'o' } });
    expect((await s3.send(new ListBucketsCommand({}))).Buckets).toEqual([{ Name: 'b', CreationDate }]);
    gateway.answer = () => ({
      Name: 'b',
      KeyCount: 1,
      MaxKeys: 1000,
      IsTruncated: false,
      Contents: [{ Key: 'a&<b>"', Size: 3, ETag: '"e"', LastModified: CreationDate }],
      CommonPrefixes: [{ Prefix: 'p/' }, { Prefix: 'q/' }],
    });
    const list = await s3.send(new ListObjectsV2Command({ Bucket: 'b', Prefix: 'x y', MaxKeys: 10 }));
    expect(gateway.lastCall).toMatchObject({
      action: 'ListObjectsV2',
      input: { Bucket: 'b', Prefix: 'x y', MaxKeys: 10 },
    });
    expect(list.Contents).toEqual([{ Key: 'a&<b>"', Size: 3, ETag: '"e"', LastModified: CreationDate }]);
    expect(list.CommonPrefixes).toEqual([{ Prefix: 'p/' }, { Prefix: 'q/' }]);
    expect(list.IsTruncated).toBe(false);
  });

  it('the query tells operations on the same path apart', async () => {
    await s3.send(new CreateMultipartUploadCommand({ Bucket: 'b', Key: 'k' }));
    await s3.send(new UploadPartCommand({ Bucket: 'b', Key: 'k', UploadId: 'u', PartNumber: 2, Body: 'x' }));
    await s3.send(new ListPartsCommand({ Bucket: 'b', Key: 'k', UploadId: 'u' }));
    const Parts = [
      { PartNumber: 1, ETag: '"1"' },
      { PartNumber: 2, ETag: '"2"' },
    ];
    await s3.send(
      new CompleteMultipartUploadCommand({ Bucket: 'b', Key: 'k', UploadId: 'u', MultipartUpload: { Parts } }),
    );
    expect(gateway.lastCall.input['MultipartUpload']).toEqual({ Parts });
    gateway.answer = () => ({ CopyObjectResult: { ETag: '"c"', LastModified: new Date(0) } });
    const copied = await s3.send(new CopyObjectCommand({ Bucket: 'b', Key: 'k', CopySource: 'b/x' }));
    expect(copied.CopyObjectResult).toEqual({ ETag: '"c"', LastModified: new Date(0) });
    gateway.answer = () => ({ DeleteMarker: true });
    const deleted = await s3.send(new DeleteObjectCommand({ Bucket: 'b', Key: 'k' }));
    expect([deleted.$metadata.httpStatusCode, deleted.DeleteMarker]).toEqual([204, true]);
    expect(gateway.calls.map(({ action }) => action)).toEqual([
      'CreateMultipartUpload',
      'UploadPart',
      'ListParts',
      'CompleteMultipartUpload',
      'CopyObject',
      'DeleteObject',
    ]);
    expect(gateway.calls[1]?.input).toMatchObject({ UploadId: 'u', PartNumber: 2 });
  });

  it('documents in the body are read, single elements of a list too', async () => {
    gateway.answer = () => ({ Deleted: [{ Key: 'a' }], Errors: [{ Key: 'b', Code: 'AccessDenied' }] });
    const result = await s3.send(
      new DeleteObjectsCommand({ Bucket: 'b', Delete: { Objects: [{ Key: 'a' }], Quiet: true } }),
    );
    expect(gateway.lastCall.input['Delete']).toEqual({ Objects: [{ Key: 'a' }], Quiet: true });
    expect(result).toMatchObject({ Deleted: [{ Key: 'a' }], Errors: [{ Key: 'b', Code: 'AccessDenied' }] });
    const TagSet = [{ Key: 'k', Value: '1 & 2' }];
    await s3.send(new PutObjectTaggingCommand({ Bucket: 'b', Key: 'k', Tagging: { TagSet } }));
    expect(gateway.lastCall.input['Tagging']).toEqual({ TagSet });
    const configuration = {
      QueueConfigurations: [
        {
          Id: 'q',
          QueueArn: 'arn:q',
          Events: ['s3:ObjectCreated:*' as const],
          Filter: { Key: { FilterRules: [{ Name: 'prefix' as const, Value: 'in/' }] } },
        },
      ],
      EventBridgeConfiguration: {},
    };
    await s3.send(
      new PutBucketNotificationConfigurationCommand({ Bucket: 'b', NotificationConfiguration: configuration }),
    );
    expect(gateway.lastCall.input['NotificationConfiguration']).toEqual(configuration);
  });

  it('policies are raw text and the location is a document of its own kind', async () => {
    const put = await s3.send(new PutBucketPolicyCommand({ Bucket: 'b', Policy: '{"Version":"2012-10-17"}' }));
    expect(put.$metadata.httpStatusCode).toBe(204);
    expect(gateway.lastCall.input['Policy']).toBe('{"Version":"2012-10-17"}');
    gateway.answer = () => ({ Policy: '{"a":1}' });
    expect((await s3.send(new GetBucketPolicyCommand({ Bucket: 'b' }))).Policy).toBe('{"a":1}');
    gateway.answer = () => ({ LocationConstraint: 'eu-west-1' });
    expect((await s3.send(new GetBucketLocationCommand({ Bucket: 'b' }))).LocationConstraint).toBe('eu-west-1');
  });

  it('an error is a document with code, message, members and request id', async () => {
    gateway.answer = refusing('NoSuchKey', 'The specified key does not exist.', 404, {
      Key: 'a&b',
      'x-amz-delete-marker': 'true',
    });
    const response = await fetch(`${gateway.endpoint}/b/a%26b`);
    expect(response.status).toBe(404);
    expect(response.headers.get('x-amz-delete-marker')).toBe('true');
    const requestId = response.headers.get('x-amz-request-id');
    expect(requestId).toBe(gateway.lastCall.context.requestId);
    expect(await response.text()).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message>' +
        `<Key>a&amp;b</Key><RequestId>${requestId}</RequestId><HostId>${response.headers.get('x-amz-id-2')}</HostId></Error>`,
    );
    expect(await failing(s3.send(new GetObjectCommand({ Bucket: 'b', Key: 'k' })))).toMatchObject({
      name: 'NoSuchKey',
    });
    gateway.answer = refusing('NotModified', 'Not Modified', 304, { etag: '"e"' });
    const unchanged = await fetch(`${gateway.endpoint}/b/k`);
    expect([unchanged.status, unchanged.headers.get('etag'), await unchanged.text()]).toEqual([304, '"e"', '']);
  });

  it('buckets in the host name, signed headers in a presigned query', async () => {
    const query = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=111122223333%2F20250101%2Feu-west-3%2Fs3%2Faws4_request&X-Amz-Date=${amzDate(gateway.clock.now())}&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=0&x-amz-meta-owner=me&x-id=PutObject`;
    const text = (host: string, path: string): string =>
      `PUT ${path}?${query} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi`;
    await gateway.raw(text('my.bucket.s3.localhost:4566', '/a/b%20c'));
    expect(gateway.lastCall).toMatchObject({
      action: 'PutObject',
      input: { Bucket: 'my.bucket', Key: 'a/b c', Metadata: { owner: 'me' } },
      context: { account: '111122223333', region: 'eu-west-3', host: 'my.bucket.s3.localhost:4566' },
    });
    await gateway.raw(text('127.0.0.1', '/bucket/k'));
    expect(gateway.lastCall.input).toMatchObject({ Bucket: 'bucket', Key: 'k' });
  });

  it('what no operation answers is a method that is not allowed', async () => {
    const response = await fetch(`${gateway.endpoint}/b/k`, {
      method: 'PATCH',
      headers: { authorization: authorization('s3') },
    });
    expect(response.status).toBe(405);
    expect(await response.text()).toContain('<Code>MethodNotAllowed</Code>');
  });

  it('a document that is not XML is malformed', async () => {
    const response = await fetch(`${gateway.endpoint}/b?tagging`, { method: 'PUT', body: '<Tagging>' });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('<Code>MalformedXML</Code>');
  });
});
