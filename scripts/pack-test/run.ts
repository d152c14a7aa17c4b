/**
 * The proof that the packages work where they are installed: packs them, installs the tarballs outside the repository, and
 * uses them as their users do, on every Node.js that they are made for.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { apiComplaint } from '../packages/api-report.ts';
import { buildPackages, builtFolder } from '../packages/build.ts';
import { readManifest } from '../packages/manifest.ts';
import { PUBLISHED } from '../packages/published.ts';
import { runAction } from './action.ts';
import { bytesBelow, freePort, type Outcome, Project } from './project.ts';
import { TarballRegistry } from './registry.ts';

/** Everything that `npm install holdfast` brings. */
const INSTALLED_BYTES_MAX = 90 * 1_024 ** 2;

const directory = mkdtempSync(join(tmpdir(), 'holdfast-pack-'));
let passed = 0;
const failures: string[] = [];

const check = async (name: string, run: () => Promise<string | undefined> | string | undefined): Promise<void> => {
  const startedAt = performance.now();
  const complaint = await Promise.resolve()
    .then(run)
    .catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  console.log(`${complaint === undefined ? '✓' : '✗'} ${name} (${seconds} s)`);
  if (complaint === undefined) passed += 1;
  else {
    failures.push(name);
    console.log(complaint.replace(/^/gm, '    '));
  }
};

const mustSucceed = ({ code, output }: Outcome): string | undefined =>
  code === 0 ? undefined : `exit ${code}\n${output}`;
const kib = (bytes: number): string => `${Math.ceil(bytes / 1_024).toLocaleString('en')} KiB`;

await buildPackages();
const tarballs = new Map<string, string>();
for (const published of PUBLISHED) {
  const packed = execFileSync('npm', ['pack', '--json', '--pack-destination', directory], {
    cwd: builtFolder(published),
    encoding: 'utf8',
  });
  const [{ filename, files }] = JSON.parse(packed) as [{ filename: string; files: readonly { path: string }[] }];
  const tarball = join(directory, filename);
  tarballs.set(published.name, tarball);
  const { size } = statSync(tarball);
  await check(`${published.name}: tarball of ${kib(size)}, at most ${kib(published.tarballBytesMax)}`, () =>
    size <= published.tarballBytesMax ? undefined : 'is larger',
  );
  await check(`${published.name}: nothing in it is of tests, and nothing of this machine`, () => {
    const strays = files.filter(({ path }) => /\.test\.|fixtures?\/|testing\//.test(path)).map(({ path }) => path);
    const tellers = files
      .map(({ path }) => path)
      .filter((path) => readFileSync(join(builtFolder(published), path), 'utf8').includes(process.cwd()));
    return strays.length + tellers.length === 0 ? undefined : [...strays, ...tellers].join('\n');
  });
  await check(`${published.name}: publint`, () => {
    execFileSync('node_modules/.bin/publint', ['run', tarball, '--strict'], { encoding: 'utf8', stdio: 'pipe' });
    return undefined;
  });
  if (published.hasTypes) {
    await check(`${published.name}: its API is what docs/api says, and documented`, () => apiComplaint(published));
    await check(`${published.name}: types resolve (attw)`, () => {
      execFileSync('node_modules/.bin/attw', [tarball, '--profile', 'esm-only'], { encoding: 'utf8', stdio: 'pipe' });
      return undefined;
    });
  }
}
const tarballOf = (...names: readonly string[]): readonly string[] => names.map((name) => tarballs.get(name) as string);

const nodes = new Project(join(directory, 'nodes'));
await nodes.install('node-20@npm:node@20', 'node-22@npm:node@22');
const nodeOf = (major: number): string => join(nodes.directory, 'node_modules', `node-${major}`, 'bin', 'node');

const command = new Project(join(directory, 'command'));
await command.install(...tarballOf('holdfast', '@holdfast/local'));
const installedBytes = bytesBelow(join(command.directory, 'node_modules'));
await check(`holdfast installed: ${kib(installedBytes)}, at most ${kib(INSTALLED_BYTES_MAX)}`, () =>
  installedBytes <= INSTALLED_BYTES_MAX ? undefined : 'is larger',
);

const library = new Project(join(directory, 'library'), 'scripts/pack-test/consumer');
cpSync('examples', library.directory, { recursive: true });
const { devDependencies = {} } = readManifest('.');
const { devDependencies: constructsDev = {} } = readManifest('packages/constructs');
await library.install(
  ...tarballOf('@holdfast/local', '@holdfast/constructs', '@holdfast/testing'),
  ...['typescript', 'vitest', '@types/node'].map((name) => `${name}@${devDependencies[name]}`),
  ...['aws-cdk-lib', 'constructs'].map((name) => `${name}@${constructsDev[name]}`),
  ...['client-lambda', 'client-s3', 'client-sqs'].map((name) => `@aws-sdk/${name}`),
  // No test of ours runs in it.
  'jest@30',
);
await check('a strict consumer compiles, without skipLibCheck', async () => {
  const { output } = await library.run('tsc', ['-p', '.']);
  // What other people's declarations complain of is theirs.
  const ours = output.split('\n').filter((line) => /error TS/.test(line) && !/^node_modules\/(?!@holdfast)/.test(line));
  return ours.length === 0 ? undefined : ours.join('\n');
});

await check('Node.js 20: refused in one sentence', async () => {
  const { code, output } = await command.run('holdfast', ['serve'], nodeOf(20));
  const isOneSentence = /^holdfast: Node\.js [\d.]+ or later is needed, and this is 20[\d.]+\n$/.test(output);
  return code === 2 && isOneSentence ? undefined : `exit ${code}\n${output}`;
});

for (const [name, node] of [
  ['Node.js 22', nodeOf(22)],
  ['Node.js 24', process.execPath],
] as const) {
  await check(`${name}: holdfast serve answers health`, () =>
    command
      .withServer(node, async (endpoint) => {
        const answer = await fetch(`${endpoint}/_holdfast/health`);
        const { status } = (await answer.json()) as { status: string };
        if (status !== 'ok') throw new Error(`status ${status}`);
      })
      .then(() => undefined),
  );
  await check(`${name}: holdfast serve reads templates in YAML`, () =>
    command
      .withServer(node, async (endpoint) => {
        const scope = 'Credential=x/20260101/us-east-1/cloudformation/aws4_request, SignedHeaders=host, Signature=x';
        const answer = await fetch(endpoint, {
          method: 'POST',
          headers: { authorization: `AWS4-HMAC-SHA256 ${scope}` },
          body: new URLSearchParams({
            Action: 'ValidateTemplate',
            Version: '2010-05-15',
            TemplateBody: 'Resources:\n  Jobs: { Type: AWS::SQS::Queue }\n',
          }),
        });
        if (!answer.ok) throw new Error(await answer.text());
      })
      .then(() => undefined),
  );
  await check(`${name}: holdfast serve draws a metric`, () =>
    command
      .withServer(node, async (endpoint) => {
        const scope = 'Credential=x/20260101/us-east-1/monitoring/aws4_request, SignedHeaders=host, Signature=x';
        const answer = await fetch(endpoint, {
          method: 'POST',
          headers: { authorization: `AWS4-HMAC-SHA256 ${scope}` },
          body: new URLSearchParams({
            Action: 'GetMetricWidgetImage',
            Version: '2010-08-01',
            MetricWidget: '{"metrics":[["Shop","Orders"]]}',
          }),
        });
        const text = await answer.text();
        // A PNG begins so in base64.
        if (!text.includes('<MetricWidgetImage>iVBORw0KGgo')) throw new Error(text);
      })
      .then(() => undefined),
  );
  await check(`${name}: holdfast patterns --chart draws them`, async () => {
    const complaint = mustSucceed(
      await command.run('holdfast', ['patterns', '--events', '20', '--chart', 'patterns.svg'], node),
    );
    if (complaint !== undefined) return complaint;
    return readFileSync(join(command.directory, 'patterns.svg'), 'utf8').startsWith('<svg') ? undefined : 'is no SVG';
  });
  await check(`${name}: holdfast black-friday --virtual --files 50`, async () =>
    mustSucceed(await command.run('holdfast', ['black-friday', '--virtual', '--files', '50'], node)),
  );
  await check(`${name}: the examples pass in Vitest`, async () =>
    mustSucceed(await library.run('vitest', ['run', '--testTimeout', '60000', '--exclude', 'built/**'], node)),
  );
  await check(`${name}: the examples pass in Jest`, async () => {
    const jest = [
      '--experimental-vm-modules',
      'node_modules/jest/bin/jest.js',
      '--testTimeout',
      '60000',
      '--testMatch',
      '**/*.jest.mjs',
    ];
    return mustSucceed(await library.run('node', jest, node));
  });
  await check(`${name}: the examples pass in node:test`, async () =>
    mustSucceed(await library.run('node', ['--test', 'orders.node.mjs'], node)),
  );
  await check(`${name}: a CDK app with the constructs is synthesised`, async () =>
    mustSucceed(await library.run('node', ['built/app.js'], node)),
  );
  await check(`${name}: it is deployed, and a failing event ends in its archive`, async () =>
    mustSucceed(await library.run('node', ['--enable-source-maps', 'built/deploy.js'], node)),
  );
}

/** As npm will be once the packages are published; `npx` keeps what it installs apart from what it had before. */
{
  await using registry = new TarballRegistry(
    execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).trim(),
  );
  const npm = join(directory, 'npm');
  mkdirSync(npm);
  symlinkSync(
    join(execFileSync('npm', ['config', 'get', 'cache'], { encoding: 'utf8' }).trim(), '_cacache'),
    join(npm, '_cacache'),
  );
  const settings = { npm_config_registry: await registry.listen(), npm_config_cache: npm };
  for (const published of PUBLISHED) {
    registry.offer(published.name, tarballs.get(published.name) as string, builtFolder(published));
  }
  await check(
    'npx holdfast serve, by the GitHub Action: starts, is waited for, and is what the job points at',
    async () => {
      const port = await freePort();
      using job = await runAction(resolve('action.yml'), { port, options: '--virtual' }, join(directory, 'job'), {
        ...process.env,
        ...settings,
      });
      const endpoint = `http://127.0.0.1:${port}`;
      if (job.outputs['endpoint'] !== endpoint || job.env['AWS_ENDPOINT_URL'] !== endpoint) return JSON.stringify(job);
      const { mode } = (await (await fetch(`${endpoint}/_holdfast/clock`)).json()) as { mode: string };
      return mode === 'virtual' ? undefined : `the clock is ${mode}`;
    },
  );
  await check('an engine that does not start fails the job at once, in its own words', async () => {
    const environment = { ...process.env, ...settings };
    const startedAt = performance.now();
    const job = runAction(resolve('action.yml'), { options: '--virtal' }, join(directory, 'failing-job'), environment);
    const { message } = await job.then(
      () => new Error('it started'),
      (error: Error) => error,
    );
    if (!message.includes("unknown option '--virtal'")) return message;
    return performance.now() - startedAt < 60_000 ? undefined : 'it was waited for';
  });
}

rmSync(directory, { recursive: true, force: true });
console.log(`\npack test: ${passed} passed, ${failures.length} failed`);
if (failures.length > 0) process.exitCode = 1;
