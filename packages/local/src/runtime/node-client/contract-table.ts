/** For tests: what functions do, and what AWS's runtime client makes of it. */
export interface ContractCase {
  readonly what: string;
  readonly runtimes: readonly ('nodejs22.x' | 'nodejs24.x')[];
  /** `index.js` as text, or all files. */
  readonly code: string | Readonly<Record<string, string>>;
  readonly handler?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly payloads?: readonly unknown[];
  /** In AWS's repository, not yet in the last published release of generation 3. */
  readonly isNewer?: boolean;
}

const BOTH = ['nodejs22.x', 'nodejs24.x'] as const;
const OLD = ['nodejs22.x'] as const;
const NEW = ['nodejs24.x'] as const;

const QUIET = { AWS_LAMBDA_NODEJS_DISABLE_CALLBACK_WARNING: '1' };

export const CONTRACT: readonly ContractCase[] = [
  // When an invocation ends, and with what.
  {
    what: 'an async result',
    runtimes: BOTH,
    code: 'exports.handler = async (event) => ({ event });',
    payloads: [{ a: 1 }],
  },
  { what: 'an async result of nothing', runtimes: BOTH, code: 'exports.handler = async () => {};' },
  { what: 'a plain value', runtimes: BOTH, code: 'exports.handler = () => 5;' },
  { what: 'a plain promise', runtimes: BOTH, code: 'exports.handler = () => Promise.resolve(5);' },
  {
    what: 'a thenable',
    runtimes: BOTH,
    code: 'exports.handler = () => ({ then: (ok) => { ok(5); return Promise.resolve(); } });',
  },
  {
    what: 'three parameters',
    runtimes: NEW,
    code: 'exports.handler = (event, context, callback) => callback(null, 1);',
  },
  { what: 'three parameters, async', runtimes: BOTH, code: 'exports.handler = async (event, context, callback) => 1;' },
  {
    what: 'a callback at once',
    runtimes: OLD,
    code: "exports.handler = (e, c, cb) => cb(null, 'r');",
    environment: QUIET,
  },
  {
    what: 'the warning of callbacks',
    isNewer: true,
    runtimes: OLD,
    code: "exports.handler = (e, c, cb) => cb(null, 'r');",
  },
  {
    what: 'a callback, and something later',
    runtimes: OLD,
    code: "exports.handler = (e, c, cb) => { setTimeout(() => console.log('late'), 200); cb(null, 'r'); };",
    environment: QUIET,
    payloads: [1, 2],
  },
  {
    what: 'a callback that does not wait',
    runtimes: OLD,
    code: "exports.handler = (e, c, cb) => { c.callbackWaitsForEmptyEventLoop = false; setTimeout(() => console.log('late'), 5000); cb(null, 'r'); };",
    environment: QUIET,
  },
  {
    what: 'a callback with an error',
    runtimes: OLD,
    code: "exports.handler = (e, c, cb) => cb(new TypeError('no'));",
    environment: QUIET,
  },
  {
    what: 'a callback with a text as error',
    runtimes: OLD,
    code: "exports.handler = (e, c, cb) => cb('no');",
    environment: QUIET,
  },
  {
    what: 'two callbacks',
    runtimes: OLD,
    code: "exports.handler = (e, c, cb) => { cb(null, 1); cb(new Error('second')); };",
    environment: QUIET,
  },
  {
    what: 'a forgotten callback',
    runtimes: OLD,
    code: 'exports.handler = (e, c, cb) => {};',
    environment: QUIET,
    payloads: [1, 2],
  },
  {
    what: 'a forgotten callback, and something later',
    runtimes: OLD,
    code: "exports.handler = (e, c, cb) => { setTimeout(() => console.log('late'), 100); };",
    environment: QUIET,
  },
  {
    what: 'context.succeed later',
    runtimes: OLD,
    code: 'exports.handler = (e, c) => { setTimeout(() => c.succeed({ ok: 1 }), 50); setTimeout(() => {}, 5000); };',
  },
  {
    what: 'context.done later',
    runtimes: OLD,
    code: 'exports.handler = (e, c) => { setTimeout(() => c.done(null, 2), 50); };',
  },
  {
    what: 'context.done with an error',
    runtimes: OLD,
    code: "exports.handler = (e, c) => { setTimeout(() => c.done(new Error('no')), 50); };",
  },
  {
    what: 'context.fail later',
    runtimes: OLD,
    code: "exports.handler = (e, c) => { setTimeout(() => c.fail(new RangeError('no')), 50); };",
  },
  { what: 'context.fail with nothing', runtimes: OLD, code: 'exports.handler = (e, c) => { c.fail(); };' },
  {
    what: 'context.succeed in an async handler',
    runtimes: OLD,
    code: 'exports.handler = async (e, c) => { c.succeed(1); return 2; };',
  },
  {
    what: 'context.succeed where it is gone',
    runtimes: NEW,
    code: 'exports.handler = async (e, c) => typeof c.succeed + typeof c.done + typeof c.fail;',
  },
  {
    what: 'an async promise that never settles',
    isNewer: true,
    runtimes: BOTH,
    code: 'exports.handler = async () => new Promise(() => {});',
    payloads: [1, 2],
  },
  { what: 'a promise that never settles', runtimes: BOTH, code: 'exports.handler = () => new Promise(() => {});' },
  {
    what: 'a late timer beside an async result',
    runtimes: BOTH,
    code: "exports.handler = async () => { setTimeout(() => {}, 5000); return 'r'; };",
  },
  // Errors.
  {
    what: 'an error',
    runtimes: BOTH,
    code: "exports.handler = async () => { throw new RangeError('no'); };",
    payloads: [1, 2],
  },
  {
    what: 'an error with members',
    runtimes: BOTH,
    code: "exports.handler = async () => { throw Object.assign(new Error('no'), { code: 'E1', more: { a: 1 }, cause: new Error('why') }); };",
  },
  {
    what: 'an error of a class',
    runtimes: BOTH,
    code: "class OrderError extends Error { constructor(m) { super(m); this.name = 'Order'; } } exports.handler = async () => { throw new OrderError('no'); };",
  },
  { what: 'a thrown text', runtimes: BOTH, code: "exports.handler = async () => { throw 'no'; };" },
  { what: 'a thrown number', runtimes: BOTH, code: 'exports.handler = async () => { throw 7; };' },
  {
    what: 'a thrown object',
    runtimes: BOTH,
    code: "exports.handler = async () => { throw { code: 1, message: 'no' }; };",
  },
  { what: 'nothing thrown', runtimes: NEW, code: 'exports.handler = async () => { throw undefined; };' },
  { what: 'a rejection with nothing', runtimes: OLD, code: 'exports.handler = async () => { throw undefined; };' },
  { what: 'an error thrown at once', runtimes: BOTH, code: "exports.handler = () => { throw new Error('no'); };" },
  {
    what: 'a result that has no JSON',
    runtimes: BOTH,
    code: 'exports.handler = async () => { const a = {}; a.a = a; return a; };',
  },
  { what: 'a function as result', runtimes: BOTH, code: 'exports.handler = async () => () => 1;' },
  { what: 'a big integer as result', runtimes: BOTH, code: 'exports.handler = async () => 1n;' },
  {
    what: 'a floating rejection beside a success',
    runtimes: BOTH,
    code: "exports.handler = async () => { Promise.reject(new Error('stray')); return 'ok'; };",
  },
  {
    what: 'a floating rejection while it waits',
    runtimes: BOTH,
    code: "exports.handler = async () => { Promise.reject(new Error('stray')); await new Promise((ok) => setTimeout(ok, 200)); return 'ok'; };",
  },
  {
    what: 'an exception that nobody catches',
    runtimes: BOTH,
    code: "exports.handler = async () => { setTimeout(() => { throw new TypeError('stray'); }, 20); await new Promise((ok) => setTimeout(ok, 500)); };",
  },
  { what: 'an exit', runtimes: BOTH, code: 'exports.handler = async () => process.exit(3);' },
  { what: 'an exit without a reason', runtimes: BOTH, code: 'exports.handler = async () => process.exit(0);' },
  { what: 'an exit by the raw way', runtimes: BOTH, code: 'exports.handler = async () => process.reallyExit(4);' },
  // How the handler is found.
  {
    what: 'a nested handler',
    runtimes: BOTH,
    code: 'exports.api = { v1: { handler: async () => 1 } };',
    handler: 'index.api.v1.handler',
  },
  {
    what: 'a handler in a class',
    runtimes: BOTH,
    code: 'exports.Api = class { static handler() { return Promise.resolve(1); } };',
    handler: 'index.Api.handler',
  },
  {
    what: 'a handler in a directory',
    runtimes: BOTH,
    code: { 'src/app.js': 'exports.run = async () => 1;' },
    handler: 'src/app.run',
  },
  {
    what: 'a handler from here',
    runtimes: BOTH,
    code: { 'src/app.js': 'exports.run = async () => 1;' },
    handler: './src/app.run',
  },
  { what: 'a handler above', runtimes: BOTH, code: 'exports.handler = async () => 1;', handler: '../x.handler' },
  { what: 'a handler without a dot', runtimes: BOTH, code: 'exports.handler = async () => 1;', handler: 'index' },
  {
    what: 'a handler in an ES module',
    runtimes: BOTH,
    code: { 'index.mjs': 'export const handler = async () => import.meta.url.length > 0;' },
  },
  {
    what: 'a handler in a package of modules',
    runtimes: BOTH,
    code: { 'index.js': 'export const handler = async () => 1;', 'package.json': '{"type":"module"}' },
  },
  { what: 'a handler in a .cjs', runtimes: BOTH, code: { 'index.cjs': 'exports.handler = async () => 1;' } },
  {
    what: 'all endings at once',
    runtimes: BOTH,
    code: {
      'index.js': "exports.handler = async () => 'js';",
      'index.mjs': "export const handler = async () => 'mjs';",
      'index.cjs': "exports.handler = async () => 'cjs';",
    },
  },
  {
    what: '.mjs before .cjs',
    runtimes: BOTH,
    code: {
      'index.mjs': "export const handler = async () => 'mjs';",
      'index.cjs': "exports.handler = async () => 'cjs';",
    },
  },
  {
    what: 'a package as handler',
    runtimes: BOTH,
    code: { 'node_modules/wrap/index.js': 'exports.handler = async () => 1;' },
    handler: 'wrap.handler',
  },
  { what: 'a default export', runtimes: BOTH, code: { 'index.mjs': 'export default { handler: async () => 1 };' } },
  {
    what: 'top-level await',
    runtimes: BOTH,
    code: {
      'index.mjs':
        'const a = await new Promise((ok) => setTimeout(() => ok(3), 20)); export const handler = async () => a;',
    },
  },
  {
    what: 'a top level that waits for ever',
    runtimes: BOTH,
    code: { 'index.mjs': 'await new Promise(() => {}); export const handler = async () => 1;' },
  },
  {
    what: 'a module that is missing',
    runtimes: BOTH,
    code: 'exports.handler = async () => 1;',
    handler: 'nothing.handler',
  },
  { what: 'a package that is missing', runtimes: BOTH, code: "require('not-there'); exports.handler = async () => 1;" },
  {
    what: 'an import that is missing',
    runtimes: BOTH,
    code: { 'index.mjs': "import 'not-there'; export const handler = async () => 1;" },
  },
  { what: 'a handler that is missing', runtimes: BOTH, code: 'exports.other = async () => 1;' },
  { what: 'a handler that is no function', runtimes: BOTH, code: 'exports.handler = 5;' },
  { what: 'a module that throws', runtimes: BOTH, code: "throw new TypeError('no start');" },
  { what: 'a module that does not parse', runtimes: BOTH, code: 'exports.handler = async () => {' },
  { what: 'an exit while loading', runtimes: BOTH, code: 'process.exit(6);' },
  {
    what: 'a rejection while loading',
    runtimes: OLD,
    code: "Promise.reject(new Error('early')); exports.handler = async () => 1;",
  },
  // What the process sees and the log says.
  {
    what: 'console',
    runtimes: BOTH,
    code: "console.log('at start'); exports.handler = async () => { console.log(); console.log('a %s', 1, { b: 2 }); console.info('two\\nlines'); console.warn('w'); console.error(new Error('e').message); console.debug('d'); console.trace('t'); console.fatal?.('f'); };",
  },
  {
    what: 'console with a level',
    runtimes: BOTH,
    code: "exports.handler = async () => { console.debug('d'); console.info('i'); console.warn('w'); };",
    environment: { AWS_LAMBDA_LOG_LEVEL: 'warn' },
  },
  {
    what: 'console in JSON',
    runtimes: BOTH,
    code: "console.log('at start'); exports.handler = async () => { console.log({ a: 1 }); console.log('x', 1); console.error('failed', new TypeError('no')); console.log(1n); console.info('two\\nlines'); throw new Error('end'); };",
    environment: { AWS_LAMBDA_LOG_FORMAT: 'JSON', AWS_LAMBDA_LOG_LEVEL: 'INFO' },
  },
  {
    what: 'raw output',
    runtimes: BOTH,
    code: "const fs = require('fs'); exports.handler = async () => { process.stdout.write('a'); process.stdout.write('b\\n'); fs.writeSync(1, 'c\\n'); fs.writeSync(1, Buffer.from('xdx\\n'), 1, 1); fs.writeSync(1, '\\n'); fs.writeFileSync(1, 'e\\n'); await new Promise((ok) => fs.write(1, 'f\\n', ok)); };",
  },
  {
    what: 'the context',
    runtimes: BOTH,
    code: 'exports.handler = async (e, c) => [Object.keys(c).sort(), c.memoryLimitInMB, c.awsRequestId, c.functionVersion, c.invokedFunctionArn, c.getRemainingTimeInMillis() > 2000];',
  },
  {
    what: 'globals',
    runtimes: BOTH,
    code: 'exports.handler = async () => [typeof awslambda.streamifyResponse, typeof awslambda.HttpResponseStream.from];',
  },
  { what: 'the trace', runtimes: BOTH, code: 'exports.handler = async () => process.env._X_AMZN_TRACE_ID;' },
  {
    what: 'a module to require first',
    runtimes: BOTH,
    code: { 'pre.js': 'globalThis.first = 1;', 'index.js': 'exports.handler = async () => globalThis.first;' },
    environment: { NODE_OPTIONS: '--require ./pre.js' },
  },
  {
    what: 'modules to import first',
    runtimes: BOTH,
    code: {
      'pre.mjs': 'globalThis.first = 1;',
      'node_modules/agent/index.js': 'globalThis.first += 1;',
      'index.js': 'exports.handler = async () => globalThis.first;',
    },
    environment: { NODE_OPTIONS: '--import ./pre.mjs --import=agent' },
  },
  {
    what: 'source maps',
    runtimes: BOTH,
    code: {
      'index.js': `exports.handler = async () => process.sourceMapsEnabled;`,
    },
    environment: { NODE_OPTIONS: '--enable-source-maps' },
  },
  {
    what: 'a time zone',
    runtimes: BOTH,
    code: `exports.handler = async () => { const d = new Date(Date.UTC(2025, 6, 1, 22, 30)); const w = new Date(2025, 2, 30, 2, 30); const s = new Date(2025, 0, 31); s.setMonth(6); return [d.getHours(), d.getDate(), d.getTimezoneOffset(), String(d), d.toLocaleString('en-GB'), w.toISOString(), new Date(2025, 9, 26, 2, 30).toISOString(), new Date('2025-12-01T10:00').toISOString(), new Date('2025-12-01').toISOString(), Date.parse('1 Dec 2025 10:00'), s.toISOString(), Intl.DateTimeFormat().resolvedOptions().timeZone, d.toDateString(), d.toTimeString(), new Date(NaN).getHours(), String(new Date(NaN)), d instanceof Date, new (class X extends Date {})(5).getTime(), Object.prototype.toString.call(d), d.toJSON(), d.toUTCString()]; };`,
    environment: { TZ: 'Europe/Berlin' },
  },
  {
    what: 'local time where nothing is said',
    runtimes: BOTH,
    code: 'exports.handler = async () => [new Date(Date.UTC(2025, 6, 1, 22, 30)).getHours(), String(new Date(0)), new Date(2025, 0, 1).toISOString()];',
  },
];
