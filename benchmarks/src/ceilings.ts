import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { jsonCall, type LoadResult, requestBytes, runLoad, singleRequest } from './http-load.ts';

/** A node:http server that parses, hashes and answers, under the same load as the engine. */
export const measureBareHttp = async (count: number, connections: number): Promise<LoadResult> => {
  const script = fileURLToPath(new URL('./bare-server.ts', import.meta.url));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    let port = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      port = Number(line);
      break;
    }
    const body = JSON.stringify({ MessageBody: 'x'.repeat(100) });
    const bytes = requestBytes(port, '/', jsonCall('AmazonSQS.SendMessage'), body);
    const load = (calls: number) => runLoad({ port, connections, unitsMax: calls, unit: () => singleRequest(bytes) });
    await load(Math.min(count, 2_000));
    return await load(count);
  } finally {
    child.kill();
  }
};

export interface BareSqlite {
  readonly rowsPerSecond: number;
  readonly bytesPerRow: number;
}

/** SQLite alone, set as the engine's store sets it (WAL, no fsync per commit, large pages): rows in transactions of `batch`. */
export const measureBareSqlite = (rows: number, batch: number, value: string): BareSqlite => {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
  try {
    const file = join(directory, 'bare.db');
    const database = new DatabaseSync(file);
    database.exec('PRAGMA page_size = 16384; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
    database.exec('CREATE TABLE bare (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID');
    const insert = database.prepare('INSERT INTO bare VALUES (?, ?)');
    const begin = performance.now();
    for (let row = 0; row < rows; ) {
      database.exec('BEGIN');
      for (const end = Math.min(row + batch, rows); row < end; row++) insert.run(String(row), value);
      database.exec('COMMIT');
    }
    const seconds = (performance.now() - begin) / 1_000;
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    database.close();
    return { rowsPerSecond: rows / seconds, bytesPerRow: statSync(file).size / rows };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};
