import { afterAll, beforeAll, describe, it } from 'vitest';
import { LocalEngine } from '../local-engine.ts';
import { pythonClients } from './python-clients.ts';
import { sdkClient } from './sdk-client.ts';
import { sqsCases } from './sqs-cases.ts';
import type { SqsClientUnderTest } from './sqs-client.ts';

for (const kind of [sdkClient, ...pythonClients()]) {
  const reason = kind.missing === undefined ? '' : ` (skipped: ${kind.missing})`;
  describe.skipIf(kind.missing !== undefined)(`SQS through ${kind.name}${reason}`, () => {
    let engine: LocalEngine;
    let client: SqsClientUnderTest;
    let other: SqsClientUnderTest;

    beforeAll(async () => {
      engine = await LocalEngine.start({ port: 0, clock: 'virtual' });
      client = kind.start(engine.endpoint);
      other = sdkClient.start(engine.endpoint);
    });

    afterAll(async () => {
      client.close();
      other.close();
      await engine.close();
    });

    it.each(sqsCases.filter(({ needsBytes }) => kind.takesBytes || needsBytes !== true))('$name', async ({ run }) => {
      await run({
        client,
        endpoint: engine.endpoint,
        advance: (seconds) => engine.advance(seconds * 1_000),
        meanwhile: (action, input) => other.call(action, input),
      });
    });
  });
}
