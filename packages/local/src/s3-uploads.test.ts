import { createHash } from 'node:crypto';
import { CreateBucketCommand, GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LocalEngine } from './index.ts';
import { clientOptions } from './testing/client-options.ts';

let local: LocalEngine;
let s3: S3Client;
beforeAll(async () => {
  local = await LocalEngine.start({ port: 0 });
  s3 = new S3Client({ ...clientOptions(local), forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'uploads' }));
});
afterAll(async () => {
  s3.destroy();
  await local.close();
});

const contentOf = async (Key: string): Promise<string | undefined> =>
  (await s3.send(new GetObjectCommand({ Bucket: 'uploads', Key }))).Body?.transformToString();

const put = async (path: string, headers: Record<string, string>, body = 'hello'): Promise<string> => {
  const answer = await fetch(local.endpoint + path, { method: 'PUT', headers, body });
  return `${answer.status} ${/<Code>(.*)<\/Code>/.exec(await answer.text())?.[1] ?? ''}`.trim();
};

describe('what a request says of its body', () => {
  it('is checked when it is a hash', async () => {
    const right = createHash('sha256').update('hello').digest('hex');
    expect(await put('/uploads/hash', { 'x-amz-content-sha256': right })).toBe('200');
    expect(await put('/uploads/hash', { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' })).toBe('200');
    expect(await put('/uploads/other', { 'x-amz-content-sha256': right }, 'other')).toBe(
      '400 XAmzContentSHA256Mismatch',
    );
    expect(await put('/uploads/other', { 'x-amz-content-sha256': 'nonsense' })).toBe('400 InvalidArgument');
    await expect(contentOf('other')).rejects.toThrow('does not exist');
  });

  it('is another matter in the query of a presigned URL, which is written before there is a body', async () => {
    const signature = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=test%2F20250101%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=${new Date().toISOString().slice(0, 19).replace(/[-:]/g, '')}Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=00`;
    const query = `?${signature}&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD&x-amz-checksum-crc32=AAAAAA%3D%3D&x-amz-sdk-checksum-algorithm=CRC32&x-amz-meta-from=query`;
    expect(await put(`/uploads/presigned${query}`, {})).toBe('200');
    const { Body, Metadata } = await s3.send(new GetObjectCommand({ Bucket: 'uploads', Key: 'presigned' }));
    expect([await Body?.transformToString(), Metadata]).toEqual(['hello', { from: 'query' }]);
    expect(await put(`/uploads/wrong?${signature}`, { 'x-amz-checksum-crc32': 'AAAAAA==' })).toBe('400 BadDigest');
  });
});

describe("a browser's form", () => {
  const policyOf = (...conditions: unknown[]): string =>
    Buffer.from(JSON.stringify({ expiration: '2099-01-01T00:00:00Z', conditions })).toString('base64');

  const expiredPolicy = Buffer.from(
    JSON.stringify({ expiration: new Date(Date.now() - 1_000).toISOString(), conditions: [{ key: 'x' }] }),
  ).toString('base64');

  const post = async (fields: Record<string, string>, file: string | null = 'hello') => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    if (file !== null) form.append('file', new Blob([file]), 'a b.txt');
    const answer = await fetch(`${local.endpoint}/uploads`, { method: 'POST', body: form, redirect: 'manual' });
    return { status: answer.status, text: await answer.text(), headers: answer.headers };
  };

  const signed = {
    'x-amz-algorithm': 'AWS4-HMAC-SHA256',
    'x-amz-credential': 'c',
    'x-amz-date': 'd',
    'x-amz-signature': 's',
  };
  const ofSignature = [{ 'x-amz-algorithm': 'AWS4-HMAC-SHA256' }, { 'x-amz-credential': 'c' }, { 'x-amz-date': 'd' }];

  it('uploads its file under the key, with its fields', async () => {
    const policy = policyOf(
      ...ofSignature,
      { bucket: 'uploads' },
      ['starts-with', '$key', 'user/'],
      ['starts-with', '$Content-Type', 'text/'],
      ['content-length-range', 1, 100],
      { 'x-amz-meta-by': 'form' },
    );
    const { status } = await post({
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholder that forms write.
      key: 'user/${filename}',
      'Content-Type': 'text/plain',
      'x-amz-meta-by': 'form',
      policy,
      ...signed,
    });
    expect(status).toBe(204);
    const { Body, ContentType, Metadata } = await s3.send(
      new GetObjectCommand({ Bucket: 'uploads', Key: 'user/a b.txt' }),
    );
    expect([await Body?.transformToString(), ContentType, Metadata]).toEqual(['hello', 'text/plain', { by: 'form' }]);
  });

  it('gets the answer that it asks for', async () => {
    expect((await post({ key: 'x', success_action_status: '200' })).status).toBe(200);
    const created = await post({ key: 'x', success_action_status: '201' });
    expect([created.status, created.text]).toEqual([
      201,
      expect.stringContaining('<Bucket>uploads</Bucket><Key>x</Key><ETag>'),
    ]);
    const redirected = await post({ key: 'x', success_action_redirect: 'http://localhost:3000/done?a=1' });
    expect(redirected.status).toBe(303);
    expect(redirected.headers.get('location')).toMatch(
      /^http:\/\/localhost:3000\/done\?a=1&bucket=uploads&key=x&etag=%22\w{32}%22$/,
    );
  });

  it.each([
    [
      'a key outside the policy',
      { key: 'other/x', policy: policyOf(['starts-with', '$key', 'user/']) },
      'Policy Condition failed: [&quot;starts-with&quot;, &quot;$key&quot;, &quot;user/&quot;]',
    ],
    [
      'a field that the policy does not name',
      { key: 'x', acl: 'private', policy: policyOf({ key: 'x' }) },
      'Extra input fields: acl',
    ],
    ['another bucket', { key: 'x', policy: policyOf({ key: 'x' }, { bucket: 'c' }) }, 'Policy Condition failed'],
    [
      'a file that is too large',
      { key: 'x', policy: policyOf({ key: 'x' }, ['content-length-range', 1, 2]) },
      'EntityTooLarge',
    ],
    [
      'a file that is too small',
      { key: 'x', policy: policyOf({ key: 'x' }, ['content-length-range', 10, 20]) },
      'EntityTooSmall',
    ],
    ['a policy that has expired', { key: 'x', policy: expiredPolicy }, 'Invalid according to Policy: Policy expired.'],
    ['a policy that is none', { key: 'x', policy: 'e30=' }, 'InvalidPolicyDocument'],
    ['no key', {}, "Bucket POST must contain a field named 'key'."],
  ])('is refused for %s', async (_, fields, text) => {
    const answer = await post(fields as Record<string, string>);
    expect([Math.floor(answer.status / 100), answer.text]).toEqual([4, expect.stringContaining(text)]);
  });

  it('is refused without a file, and when it is no form', async () => {
    expect((await post({ key: 'x' }, null)).text).toContain('exactly one file');
    for (const body of [
      '',
      '--x',
      '--x\r\n\r\n',
      'nonsense',
      '--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--',
    ]) {
      const answer = await fetch(`${local.endpoint}/uploads`, {
        method: 'POST',
        headers: { 'content-type': 'multipart/form-data; boundary=x' },
        body,
      });
      expect(answer.status).toBe(400);
    }
  });
});
