import { describe, expect, it } from 'vitest';
import { type GuardedRequest, type GuardOptions, RequestGuard, refusalOfControl } from './request-guard.ts';

const request = (headers: Record<string, string>, rest: Partial<GuardedRequest> = {}): GuardedRequest => ({
  method: 'POST',
  path: '/',
  query: '',
  headers,
  host: '127.0.0.1:4566',
  ...rest,
});

const guard = (options: GuardOptions = {}): RequestGuard =>
  new RequestGuard({ ownAddresses: () => ['192.168.1.5', 'fe80::1'], ...options });

describe('the host of a request', () => {
  it.each([
    'localhost',
    'localhost:4566',
    'http://localhost:4566',
    'https://kinesis.us-east-1.amazonaws.com',
    'LOCALHOST:4566',
    'localhost.:4566',
    '127.0.0.1:4566',
    '127.1.2.3',
    '[::1]:4566',
    '0.0.0.0:4566',
    'bucket.s3.localhost:4566',
    'bucket.localhost:4566',
    '192.168.1.5:4566',
    '[fe80::1]:4566',
    'sqs.us-east-1.amazonaws.com',
    'bucket.name.s3.eu-west-1.amazonaws.com:443',
    'sqs.cn-north-1.amazonaws.com.cn',
    '0123456789abcdefghijklmnopqrstuv.lambda-url.us-east-1.on.aws',
    'sqs.us-east-1.api.aws',
    '',
    undefined,
  ])('%s is this machine or AWS', (host) => {
    expect(guard().refusalOfHost(host)).toBeUndefined();
  });

  it.each([
    'attacker.example',
    'attacker.example:4566',
    'localhost.attacker.example',
    'https://attacker.example',
    'https://localhost/attacker.example',
    'https://https://localhost',
    'amazonaws.com.attacker.example',
    'evilamazonaws.com',
    '127.0.0.1.nip.io:4566',
    '203.0.113.7:4566',
    '192.168.1.5.attacker.example',
    'notlocalhost',
    'x',
    '@localhost',
    'localhost@attacker.example',
    'attacker.example#.localhost',
    'attacker.example/.localhost',
  ])('%s is refused', (host) => {
    expect(guard().refusalOfHost(host)).toContain(`"${host}" is no name of this machine`);
  });

  it.each([
    [['box.lan'], 'box.lan:4566'],
    [['BOX.lan'], 'box.LAN'],
    [['*.example.com'], 'a.b.example.com'],
    [['*'], 'whatever.example'],
    [['holdfast'], 'holdfast:4566'],
  ])('is let in by --allow-host %s as %s', (allowedHosts, host) => {
    expect(guard({ allowedHosts }).refusalOfHost(host)).toBeUndefined();
  });

  it('is not let in by a name it only ends or begins like', () => {
    const { refusalOf } = {
      refusalOf: (host: string) => guard({ allowedHosts: ['box.lan', '*.example.com'] }).refusalOfHost(host),
    };
    expect([
      refusalOf('evilbox.lan'),
      refusalOf('box.lan.evil'),
      refusalOf('example.com'),
      refusalOf('badexample.com'),
    ]).not.toContain(undefined);
  });
});

describe('what a page sends', () => {
  const LOCAL = 'http://localhost:3000';
  const EVIL = 'https://evil.example';
  const verdictOf = (
    headers: Record<string, string>,
    rest?: Partial<GuardedRequest>,
    options?: GuardOptions,
  ): 'passes' | 'refused' =>
    guard(options).foreignPageOf(request(headers, rest)) === undefined ? 'passes' : 'refused';

  const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'];
  const browser = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64)' };
  const table: [string, Record<string, string>, 'passes' | 'refused'][] = [
    ['a client that is no browser', { 'user-agent': 'aws-cli/2.31' }, 'passes'],
    ['nothing at all', {}, 'passes'],
    ['a page of this machine', { ...browser, origin: LOCAL, 'sec-fetch-site': 'same-site' }, 'passes'],
    [
      'a page of this machine under its other name',
      { ...browser, origin: LOCAL, 'sec-fetch-site': 'cross-site' },
      'passes',
    ],
    ['the console', { ...browser, origin: 'http://127.0.0.1:4566', 'sec-fetch-site': 'same-origin' }, 'passes'],
    ['the console, without an origin', { ...browser, 'sec-fetch-site': 'same-origin' }, 'passes'],
    ['what the user typed', { ...browser, 'sec-fetch-site': 'none' }, 'passes'],
    [
      'an image in a page of this machine',
      { ...browser, 'sec-fetch-site': 'cross-site', referer: `${LOCAL}/index.html` },
      'passes',
    ],
    ['a foreign page', { ...browser, origin: EVIL, 'sec-fetch-site': 'cross-site' }, 'refused'],
    [
      'a foreign page that signs',
      { ...browser, origin: EVIL, authorization: 'AWS4-HMAC-SHA256 Credential=x' },
      'refused',
    ],
    ['a foreign page in a browser without Sec-Fetch', { ...browser, origin: EVIL }, 'refused'],
    ['a file or sandboxed frame', { ...browser, origin: 'null', 'sec-fetch-site': 'cross-site' }, 'refused'],
    ['a file in a browser without Sec-Fetch', { origin: 'null' }, 'refused'],
    ['an image in a foreign page', { ...browser, 'sec-fetch-site': 'cross-site' }, 'refused'],
    [
      'an image in a foreign page with its address',
      { ...browser, 'sec-fetch-site': 'cross-site', referer: `${EVIL}/x` },
      'refused',
    ],
    ['an image in a foreign page, old browser', { ...browser, referer: `${EVIL}/` }, 'refused'],
    ['a page whose name begins like ours', { origin: 'http://localhost.evil.example' }, 'refused'],
    ['a page whose address holds ours', { origin: 'http://localhost@evil.example' }, 'refused'],
    ['a page on a bucket website', { origin: 'http://evil.s3-website-us-east-1.amazonaws.com' }, 'refused'],
    ['an extension', { origin: 'chrome-extension://abcdef' }, 'refused'],
    ['an origin that is none', { origin: 'localhost' }, 'refused'],
  ];
  it.each(
    table.flatMap(([who, headers, verdict]) => methods.map((method) => [who, method, verdict, headers] as const)),
  )('%s: %s %s', (_, method, verdict, headers) => {
    expect(verdictOf(headers, { method })).toBe(verdict);
  });

  it('from an old browser that says nothing may read, but not act', () => {
    expect(verdictOf(browser, { method: 'GET', path: '/bucket/key' })).toBe('passes');
    expect(verdictOf(browser, { method: 'GET', query: 'Action=DeleteQueue&Version=2012-11-05' })).toBe('refused');
    expect(verdictOf(browser, { method: 'POST' })).toBe('refused');
    expect(verdictOf({ ...browser, authorization: 'AWS4-HMAC-SHA256 …' }, { method: 'POST' })).toBe('passes');
  });

  it.each([
    ['https://app.example.com', 'https://app.example.com', 'passes'],
    ['https://app.example.com/', 'https://APP.example.com', 'passes'],
    ['https://app.example.com', 'http://app.example.com', 'refused'],
    ['https://app.example.com', 'https://app.example.com:8443', 'refused'],
    ['https://app.example.com', 'https://app.example.com.evil.example', 'refused'],
    ['https://*.example.com', 'https://a.example.com', 'passes'],
    ['https://*.example.com', 'https://badexample.com', 'refused'],
    ['null', 'null', 'passes'],
    ['*', 'https://evil.example', 'passes'],
  ] as const)('with --allow-origin %s from %s: %s', (allowed, origin, verdict) => {
    expect(verdictOf({ origin }, {}, { allowedOrigins: [allowed] })).toBe(verdict);
  });

  it('comes from the engine itself when the host is its own, and only then', () => {
    expect(verdictOf({ origin: 'http://192.168.1.5:4566' }, { host: '192.168.1.5:4566' })).toBe('passes');
    expect(verdictOf({ origin: 'http://box.lan:4566' }, { host: 'box.lan:4566' }, { allowedHosts: ['box.lan'] })).toBe(
      'passes',
    );
    expect(verdictOf({ origin: 'http://box.lan:3000' }, { host: 'box.lan:4566' }, { allowedHosts: ['box.lan'] })).toBe(
      'refused',
    );
    const rebound = 'evil.s3-website-us-east-1.amazonaws.com';
    expect(verdictOf({ origin: `http://${rebound}` }, { host: rebound })).toBe('refused');
  });
});

describe('what changes the engine itself', () => {
  const refusalOf = (method: string, path: string, contentType?: string): string | undefined =>
    refusalOfControl(request(contentType === undefined ? {} : { 'content-type': contentType }, { method, path }));

  it.each(['POST', 'PUT', 'DELETE', 'PATCH'])('takes %s with JSON alone', (method) => {
    for (const type of [
      undefined,
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'text/plain; application/json',
      'application/jsonp',
    ]) {
      expect(refusalOf(method, '/_holdfast/reset', type)).toContain('application/json');
    }
    for (const type of ['application/json', 'Application/JSON; charset=utf-8']) {
      expect(refusalOf(method, '/_holdfast/clock', type)).toBeUndefined();
    }
  });

  it('may be read without', () => {
    expect(refusalOf('GET', '/_holdfast/health')).toBeUndefined();
  });
});
