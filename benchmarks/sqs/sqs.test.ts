import { expect, test } from 'vitest';
import { Load } from './load.ts';
import { measure } from './measure.ts';
import { reportText } from './report.ts';
import { serverKinds } from './servers.ts';

test('the benchmark of SQS measures every row with tiny input', async () => {
  const load = new Load();
  try {
    const plan = { rounds: 1, stretchMs: 10, connections: [2], backlogs: [100], wakeUps: 3 };
    const report = await measure(serverKinds({}), load, plan, () => {});

    expect(report.rows.map(({ name }) => name)).toEqual([
      'send, 2 connections',
      'send-batch, 2 connections',
      'mixed, 2 connections',
      'receive-delete, 2 connections, 100 waiting',
      'mixed, 2 connections, 100 waiting',
    ]);
    for (const { cells } of report.rows) {
      expect([...cells.keys()]).toEqual(['bare', 'holdfast, memory', 'holdfast, durable']);
      for (const { ratio } of cells.values()) expect(ratio).toBeGreaterThan(0);
    }
    expect([...report.wakeUps.keys()]).toEqual(['holdfast, memory', 'holdfast, durable']);
    expect(reportText(report)).toContain('| send, 2 connections |');
  } finally {
    load.stop();
  }
});
