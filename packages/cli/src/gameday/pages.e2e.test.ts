import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { LocalEngine } from '@holdfast/local';
import { keptAssembly } from '@holdfast/stacks/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deployStack } from '../deploy.ts';

const PAGES = new URL('../../../../docs/ops/', import.meta.url);
const CLI_SERVER = fileURLToPath(new URL('./aws-cli.py', import.meta.url));
/** What says words to the server of the AWS CLI. */
const CLI_CLIENT = `import os, socket, sys
s = socket.socket(socket.AF_UNIX); s.connect(os.environ["AWS_CLI_SOCKET"])
s.sendall("".join(word + "\\0" for word in sys.argv[1:]).encode()); s.shutdown(socket.SHUT_WR)
code, _, out = s.makefile(encoding="utf-8").read().partition("\\n")
print(out, end=""); sys.exit(int(code))`;
const hasTools = spawnSync('bash', ['-c', 'command -v curl && python3 -c "import awscli"']).status === 0;

/** Three dead letters; at an empty queue the page's look would wait for a first one. */
const POISON = `aws ssm put-parameter --name /ingestion/failure_mode --value poison_payload --type String --overwrite
advance 60
API_URL=$(aws apigatewayv2 get-apis --query "Items[?Name=='ingestion-api-dev'].ApiEndpoint" --output text)
for N in 1 2 3; do curl -s -X POST "$API_URL/events" -H 'content-type: application/json' -d "{\\"orderId\\":\\"poison-$N\\",\\"amount\\":$N}"; done
advance 120`;

/** What somebody does between two blocks of a page: reads, and waits. */
const MINUTES_BETWEEN = 7;

/** The clock of these shells is the engine's, and version 1 of the AWS CLI wants to be told each time where SQS is. */
const PRELUDE = `set -euo pipefail
aws() { python3 -S -c "$AWS_CLI_CLIENT" --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }
advance() { curl -sf -o /dev/null -H 'content-type: application/json' -d "{\\"advance\\":\\"PT$1S\\"}" "$AWS_ENDPOINT_URL/_holdfast/clock"; }
sleep() { advance "$1"; }
date() { command date -d "$(curl -sf "$AWS_ENDPOINT_URL/_holdfast/clock" | sed 's/.*"now":"\\([^"]*\\)".*/\\1/')" "$@"; }
`;

const blocksOf = (page: string): readonly string[] =>
  [...readFileSync(new URL(page, PAGES), 'utf8').matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block = '']) => block);

describe.skipIf(!hasTools)('the pages for operators (needs bash, curl, Python and the AWS CLI)', () => {
  let directory: string;
  let engine: LocalEngine;
  let cli: ChildProcess | undefined;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'holdfast-pages-'));
    engine = await LocalEngine.start({
      port: 0,
      clock: 'virtual',
      startAt: new Date('2026-11-30T08:00:00Z'),
      // A command that waits is to say so: nobody moves the clock beside it.
      standingClock: 'fail',
    });
    await deployStack(engine, 'IngestionLab', 'schedule', keptAssembly('IngestionLab'));
    env = {
      ...process.env,
      AWS_ENDPOINT_URL: engine.endpoint,
      // The two versions of the AWS CLI ask for one each.
      AWS_REGION: 'us-east-1',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_CLI_SOCKET: join(directory, 'aws.sock'),
      AWS_CLI_CLIENT: CLI_CLIENT,
    };
    cli = spawn('python3', [CLI_SERVER, join(directory, 'aws.sock')], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((ready) => cli?.stdout?.once('data', ready));
  }, 180_000);
  afterAll(async () => {
    cli?.kill();
    await engine.close();
    rmSync(directory, { recursive: true, force: true });
  });

  /** Runs the blocks of a page in one shell, after what made somebody read it; what each printed. */
  const follow = async (page: string, before = ''): Promise<readonly string[]> => {
    const steps = blocksOf(page).map(
      (block, index) => `printf '\\n== %s\\n' ${index}\n${block}\nadvance ${MINUTES_BETWEEN * 60}`,
    );
    const { stdout } = await promisify(execFile)('bash', ['-c', [PRELUDE, before, ...steps].join('\n')], { env });
    return stdout.split(/^== \d+\n/m).slice(1);
  };

  it('leads through a schema that changes', async () => {
    const [posted, , , , , , clear] = await follow('gamedays/schema-evolution.md');
    expect(posted?.match(/ACCEPTED/g)).toHaveLength(2);
    expect(clear?.trim().split('\n')).toEqual([1, 2, 3, 4, 5].map((n) => `evolution-${n}\tPROCESSED\t1`));
  }, 300_000);

  it('leads through an outage', async () => {
    const [posted, growing, aside, , , clear] = await follow('gamedays/downstream-outage.md');
    expect(posted?.match(/^202$/gm)).toHaveLength(20);
    expect(growing).toMatch(/open/);
    expect(aside).toMatch(/ingestion-dlq-depth-dev[\s\S]*ingestion-critical-dev[\s\S]*"status":"FAILED"/);
    expect(clear?.match(/"status":"PROCESSED"/g)).toHaveLength(20);
    expect(clear).toMatch(/closed/);
  }, 300_000);

  it('leads through a spike', async () => {
    const [, refused, taken, , , clear] = await follow('gamedays/traffic-spike.md');
    expect(refused).toMatch(/\d+ 429/);
    expect(taken).toMatch(/40 202/);
    expect(clear).toMatch(/"status":"PROCESSED"/);
  }, 300_000);

  it('leads through a full dead-letter queue', async () => {
    const [, queries, sample, , , redriven, , clear] = await follow('runbooks/dlq-depth.md', POISON);
    expect(queries).toMatch(/TRANSIENT|VALIDATION/);
    // A spike before it may have left one of its own, received too often while its function was throttled.
    expect(new Set(sample?.match(/poison-\d/g))).toEqual(new Set(['poison-1', 'poison-2', 'poison-3']));
    expect(redriven).toMatch(/"dryRun":true[\s\S]*"jobId"/);
    expect(clear).toContain('"ApproximateNumberOfMessages": "0"');
  }, 300_000);

  it('leads through high latency', async () => {
    const [where, slow, , behind] = await follow('runbooks/high-latency.md');
    expect(where?.trim().split('\n').length).toBeGreaterThan(3);
    expect(slow).toContain('@duration');
    expect(behind).toMatch(/"status":"ok"/);
  }, 300_000);

  it('leads through throttling', async () => {
    const [who, limits, , visibility, batches, api] = await follow('runbooks/throttling.md');
    expect(Number(who?.split('\n')[0])).toBeGreaterThan(0);
    expect(limits).toMatch(/"most": 10/);
    expect(visibility).toMatch(/30\n"?180/);
    expect(batches?.trim()).toBe('10');
    expect(api).toMatch(/2000/);
  }, 300_000);
});
