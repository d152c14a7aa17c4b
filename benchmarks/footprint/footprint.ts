import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Load } from '../sqs/load.ts';
import { OURS, type ServerKind, startEngine } from '../src/servers.ts';
import { type Idle, type IdlePlan, measureIdle } from './idle.ts';
import { measureRestart, measureStock, type Restart, type Stock, type StockCost } from './stock.ts';

export interface FootprintPlan {
  readonly stocks: readonly Stock[];
  /** Time for storing one stock; who is slower is measured with what it has. */
  readonly fillMs: number;
  readonly idle: IdlePlan;
}

export interface FootprintResult {
  /** By server. */
  readonly stocks: ReadonlyMap<string, readonly StockCost[]>;
  /** Of the durable server with each stock, after a kill. */
  readonly restarts: readonly { readonly stock: Stock; readonly restart: Restart }[];
  readonly idle: ReadonlyMap<string, readonly Idle[]>;
}

const MEMORY = `${OURS}, memory`;
const DURABLE = `${OURS}, durable`;

/** Measures everything once, one server at a time: nobody else's garbage, and no two servers' memory together. */
export const measureFootprint = async (
  plan: FootprintPlan,
  rivals: readonly ServerKind[],
  tell: (text: string) => void,
): Promise<FootprintResult> => {
  const root = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
  const load = new Load();
  const stocks = new Map<string, StockCost[]>();
  const restarts: { stock: Stock; restart: Restart }[] = [];
  const idle = new Map<string, readonly Idle[]>();
  const keep = (name: string, cost: StockCost): void => void stocks.set(name, [...(stocks.get(name) ?? []), cost]);
  try {
    for (const stock of plan.stocks) {
      tell(`${stock.messages} messages of ${stock.bodyBytes} bytes`);
      for (const { name, start } of [{ name: MEMORY, start: () => startEngine(MEMORY) }, ...rivals]) {
        const server = await start();
        try {
          keep(name, (await measureStock(server, load, stock, plan.fillMs)).cost);
        } catch (error) {
          tell(`${name}: ${error}`);
        } finally {
          await server.stop();
        }
      }
      const directory = mkdtempSync(join(root, 'stock-'));
      const server = await startEngine(DURABLE, { directory });
      const { cost, queue } = await measureStock(server, load, stock, plan.fillMs, directory);
      keep(DURABLE, cost);
      await server.stop();
      restarts.push({
        stock,
        restart: await measureRestart((port) => startEngine(DURABLE, { directory, port }), queue),
      });
      rmSync(directory, { recursive: true, force: true });
    }
    for (const name of [MEMORY, DURABLE]) {
      tell(`idle: ${name}`);
      const server = await startEngine(name, name === DURABLE ? { directory: mkdtempSync(join(root, 'idle-')) } : {});
      try {
        idle.set(name, await measureIdle(server, plan.idle));
      } finally {
        await server.stop();
      }
    }
    return { stocks, restarts, idle };
  } finally {
    load.stop();
    rmSync(root, { recursive: true, force: true });
  }
};
