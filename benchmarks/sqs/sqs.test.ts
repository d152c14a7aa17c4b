import { expect, it } from 'vitest';
import { serverKinds } from '../src/servers.ts';
import { Load } from './load.ts';
import { acrossLaunches } from './launches.ts';
import { measure, type Plan, type Report } from './measure.ts';
import { reportText } from './report.ts';

it('the benchmark of SQS measures every row with tiny input', async () => {
  const load = new Load();
  try {
    const plan: Plan = {
      ...{ rounds: 1, stretchMs: 10, graceMs: 5_000, rowMs: 1_000, fillMs: 5_000 },
      ...{ connections: [2], backlogs: [100, 200], wakeUps: 3, wakeUpMs: 5_000, warmUp: 0, totalMs: 60_000 },
    };
    const report = await measure(serverKinds({}), load, plan, { tell: () => {}, isWanted: () => true });

    expect(report.rows.map(({ name }) => name)).toEqual([
      'send, 2 connections',
      'send-batch, 2 connections',
      'mixed, 2 connections',
      'receive-delete, 2 connections, 100 waiting',
      'receive-delete-batch, 2 connections, 100 waiting',
      'mixed, 2 connections, 100 waiting',
      'receive-delete, 2 connections, 200 waiting',
      'mixed, 2 connections, 200 waiting',
    ]);
    const servers = ['bare', 'holdfast, memory', 'holdfast, durable'];
    for (const { cells } of report.rows) {
      expect([...cells.keys()]).toEqual(servers);
      for (const cell of cells.values()) {
        expect(cell).toMatchObject({ isBound: false, waiting: undefined, ratio: expect.any(Number) });
      }
    }
    expect([...report.wakeUps.keys()]).toEqual(servers);
    for (const found of report.wakeUps.values()) expect(found).toMatchObject({ samples: 3 });
    expect(report.left).toEqual([]);
    expect(reportText(report)).toContain('| send, 2 connections |');
  } finally {
    load.stop();
  }
});

it('several launches are told by their medians, and between which they lay', () => {
  const launch = (ratio: number): Report => {
    const cell = { perSecond: 1_000 * ratio, isBound: false, cpuMicrosPerRequest: 50, ratio, waiting: undefined };
    const question = { workload: 'send', connections: 1, backlog: 0 } as const;
    const cells = new Map([
      ['bare', { ...cell, ratio: 1 }],
      ['holdfast, memory', cell],
    ]);
    return {
      rows: [{ ...question, name: 'send', cells, tookMs: new Map() }],
      wakeUps: new Map(),
      left: [],
      failures: [],
    };
  };
  const cell = acrossLaunches([launch(0.9), launch(1.2), launch(0.8)]).rows[0]?.cells.get('holdfast, memory');
  expect(cell).toMatchObject({ ratio: 0.9, ratios: [0.8, 1.2], perSecond: 900 });
});
