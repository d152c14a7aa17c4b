import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startTestEngine } from '@holdfast/testing';
import { afterAll, expect, it } from 'vitest';

/** Where the provider lies as `terraform init -plugin-dir` wants it: nothing is downloaded by a test. */
const plugins = process.env['TERRAFORM_PLUGIN_DIR'];
const directory = mkdtempSync(join(tmpdir(), 'holdfast-terraform-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const run = promisify(execFile);
const terraform = (...words: readonly string[]) => run('terraform', [...words, '-no-color'], { cwd: directory });

// Skipped without TERRAFORM_PLUGIN_DIR: the provider has 700 MB, and waits half a minute for each queue with a redrive policy.
it.skipIf(plugins === undefined)(
  'the example is applied, plans no change, and puts aside the message that fails',
  async () => {
    cpSync(fileURLToPath(new URL('../../../examples/terraform', import.meta.url)), directory, { recursive: true });
    await using aws = await startTestEngine();
    const endpoint = `-var=endpoint=${aws.endpoint}`;
    await run('python3', ['-m', 'zipfile', '-c', 'lambda_function_payload.zip', 'index.py'], { cwd: directory });
    await terraform('init', `-plugin-dir=${plugins}`);

    // Terraform waits for what it creates, by its own clock.
    await aws.local.setMode('live');
    const applied = await terraform('apply', '-auto-approve', endpoint);
    const planned = await terraform('plan', endpoint);

    await aws.local.setMode('virtual');
    expect(applied.stdout).toContain('Resources: 12 added, 0 changed, 0 destroyed');
    expect(planned.stdout).toContain('No changes.');
    for (const message of ['This is a test message.', 'This message will fail.']) {
      const QueueUrl = `${aws.endpoint}/000000000000/main-queue`;
      await aws.client(SQSClient).send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify({ message }) }));
    }
    await aws.advance({ minutes: 5 });
    expect(await aws.messages('main-queue')).toEqual([]);
    expect((await aws.messages('dlq')).map(({ body }) => body)).toEqual(['{"message":"This message will fail."}']);
  },
  240_000,
);
