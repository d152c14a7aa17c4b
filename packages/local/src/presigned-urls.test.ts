import { strFromU8 } from 'fflate';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LocalEngine } from './index.ts';
import { archiveOf } from './testing/archive.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let local: LocalEngine;
beforeEach(async () => {
  local = await LocalEngine.start({ port: 0, clock: 'virtual' });
  await call('s3', 'CreateBucket', { Bucket: 'uploads' });
  await call('s3', 'PutObject', { Bucket: 'uploads', Key: 'a', Body: new Uint8Array(1) });
});
afterEach(() => local.close());

const call = async (service: string, action: string, input: object): Promise<Record<string, unknown>> =>
  (await local.engine.call(service, action, input, local.context())) as Record<string, unknown>;

/** Signs as clients do, with a signature that nobody verifies. */
const SIGN = `(at, accessKeyId, expires) => {
  const date = new Date(at).toISOString().slice(0, 19).replace(/[-:]/g, '') + 'Z';
  const credential = encodeURIComponent(accessKeyId + '/' + date.slice(0, 8) + '/us-east-1/s3/aws4_request');
  return '/uploads/a?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=' + credential + '&X-Amz-Date=' + date +
    '&X-Amz-Expires=' + expires + '&X-Amz-SignedHeaders=host&X-Amz-Signature=00';
}`;
// biome-ignore lint/security/noGlobalEval: the same code signs here and in a function.
const sign = eval(SIGN) as (at: number, accessKeyId: string, expires: number) => string;

const get = async (path: string): Promise<string> => {
  const answer = await fetch(local.endpoint + path);
  return `${answer.status} ${/<Message>(.*)<\/Message>/.exec(await answer.text())?.[1] ?? ''}`.trim();
};

it('what a function signs in virtual time expires in virtual time', async () => {
  await call('lambda', 'CreateFunction', {
    FunctionName: 'signer',
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Role: 'arn:aws:iam::000000000000:role/signer',
    Code: {
      ZipFile: archiveOf({
        'index.js': `const sign = ${SIGN}; exports.handler = async () => sign(Date.now(), process.env.AWS_ACCESS_KEY_ID, 60);`,
      }),
    },
  });
  await local.advance(14 * DAY_MS);
  const { Payload } = await call('lambda', 'Invoke', { FunctionName: 'signer' });
  const path = JSON.parse(strFromU8(Payload as Uint8Array)) as string;

  expect(await get(path)).toBe('200');
  await local.advance(58_000);
  expect(await get(path)).toBe('200');
  await local.advance(3_000);
  expect(await get(path)).toBe('403 Request has expired');
  // Its environment and credentials are gone by then.
  await local.advance(2 * HOUR_MS);
  expect(await get(path)).toBe('403 Request has expired');
});

it('who signs outside by the machine’s clock is not refused because the engine’s is ahead', async () => {
  await local.advance(14 * DAY_MS);
  expect(await get(sign(Date.now(), 'test', 60))).toBe('200');
  const inAMinute = Math.floor(Date.now() / 1_000) + 60;
  expect(await get(`/uploads/a?AWSAccessKeyId=test&Signature=x&Expires=${inAMinute}`)).toBe('200');
  expect(await get(`/uploads/a?AWSAccessKeyId=test&Signature=x&Expires=${inAMinute - 120}`)).toBe(
    '403 Request has expired',
  );
});

it('what was signed outside before an advance is older by it, and what is signed with the engine’s time as well', async () => {
  const earlier = sign(Date.now() - 5_000, 'test', 60);
  expect(await get(earlier)).toBe('200');
  await local.advance(2 * HOUR_MS);
  expect(await get(earlier)).toBe('403 Request has expired');
  const byEngine = sign(local.time.now(), 'test', 60);
  expect(await get(byEngine)).toBe('200');
  await local.advance(62_000);
  expect(await get(byEngine)).toBe('403 Request has expired');
});

it('what is signed for the future is refused until a quarter of an hour before', async () => {
  const path = sign(local.time.now() + HOUR_MS, 'test', 60);
  expect(await get(path)).toBe('403 Request is not yet valid');
  await local.advance(46 * 60_000);
  expect(await get(path)).toBe('200');
});
