import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { callJson } from './testing/call-json.ts';
import { EngineProcess } from './testing/engine-process.ts';

/** `HOLDFAST_EXECUTIONS=1000` by hand: the kills come at the same shares of them. */
const EXECUTIONS = Number(process.env['HOLDFAST_EXECUTIONS'] ?? 150);
const STARTERS = 16;
const MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:flow';

/** Waits, sends a message, and waits in two branches: what a kill can meet in every phase. */
const definitionOf = (QueueUrl: string) => ({
  StartAt: 'Before',
  States: {
    Before: { Type: 'Wait', Seconds: 1, Next: 'Send' },
    Send: {
      Type: 'Task',
      Resource: 'arn:aws:states:::sqs:sendMessage',
      Parameters: { QueueUrl, 'MessageBody.$': '$$.Execution.Name' },
      ResultPath: null,
      Next: 'Both',
    },
    Both: {
      Type: 'Parallel',
      Branches: ['Left', 'Right'].map((name) => ({
        StartAt: name,
        States: { [name]: { Type: 'Wait', Seconds: 1, End: true } },
      })),
      End: true,
    },
  },
});

interface History {
  readonly events: readonly { readonly id: number; readonly previousEventId: number; readonly type: string }[];
}

describe('kill -9 in the middle of executions', () => {
  let directory: string;
  let engine: EngineProcess | undefined;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'holdfast-states-crash-'));
  });

  afterEach(async () => {
    await engine?.kill();
    engine = undefined;
    rmSync(directory, { recursive: true, force: true });
  });

  const states = <Output>(action: string, input: object): Promise<Output> =>
    callJson(engine?.endpoint as string, '1.0', `AWSStepFunctions.${action}`, input);
  const sqs = <Output>(action: string, input: object): Promise<Output> =>
    callJson(engine?.endpoint as string, '1.0', `AmazonSQS.${action}`, input);

  it('ends each execution once, does each thing once, and leaves no gap in a history', {
    timeout: 120_000,
  }, async () => {
    engine = await EngineProcess.start(directory);
    await sqs('CreateQueue', { QueueName: 'done' });
    // The path of a queue's URL names it wherever the engine listens next.
    const definition = JSON.stringify(definitionOf(`${engine.endpoint}/000000000000/done`));
    const roleArn = 'arn:aws:iam::000000000000:role/flow';
    await states('CreateStateMachine', { name: 'flow', roleArn, definition });
    const started = new Set<string>();
    const kills = [0.4, 0.8].map((part) => part * EXECUTIONS);
    let next = 0;
    const start = async (): Promise<void> => {
      while (next < EXECUTIONS) {
        const name = `run-${next++}`;
        for (let tries = 0; !started.has(name); tries++) {
          try {
            await states('StartExecution', { stateMachineArn: MACHINE, name, input: '{"n":1}' });
            started.add(name);
          } catch (error) {
            // The process was killed, or had started it before the answer was lost and it has ended since.
            if (String(error).includes('ExecutionAlreadyExists')) started.add(name);
            if (tries > 200) throw error;
            await sleep(50);
          }
        }
      }
    };
    const killer = async (): Promise<void> => {
      for (const at of kills) {
        while (started.size < at) await sleep(5);
        await engine?.kill();
        engine = await EngineProcess.start(directory);
      }
    };
    await Promise.all([killer(), ...Array.from({ length: STARTERS }, start)]);

    const count = async (): Promise<number> => {
      const filter = { stateMachineArn: MACHINE, statusFilter: 'RUNNING', maxResults: 1 };
      return (await states<{ executions: unknown[] }>('ListExecutions', filter)).executions.length;
    };
    while ((await count()) > 0) await sleep(100);
    const all = await states<{ executions: { executionArn: string; status: string }[] }>('ListExecutions', {
      stateMachineArn: MACHINE,
      maxResults: 1_000,
    });
    expect(all.executions.length).toBe(EXECUTIONS);
    for (const { executionArn, status } of all.executions) {
      expect(status).toBe('SUCCEEDED');
      const { events } = await states<History>('GetExecutionHistory', { executionArn, maxResults: 1_000 });
      expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => index + 1));
      expect(events.every(({ id, previousEventId }) => previousEventId < id)).toBe(true);
      const types = events.map(({ type }) => type);
      expect(types.filter((type) => type === 'ExecutionSucceeded').length).toBe(1);
      expect(types.filter((type) => type === 'TaskSucceeded').length).toBe(1);
      expect(events.length).toBe(17);
    }
    const { Attributes } = await sqs<{ Attributes: Record<string, string> }>('GetQueueAttributes', {
      QueueUrl: `${engine.endpoint}/000000000000/done`,
      AttributeNames: ['ApproximateNumberOfMessages'],
    });
    expect(Attributes['ApproximateNumberOfMessages']).toBe(String(EXECUTIONS));
  });
});
