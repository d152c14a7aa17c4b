import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it, vi } from 'vitest';
import { processCpuMs } from './process-cpu.ts';

const isLinux = process.platform === 'linux';

it.skipIf(!isLinux)(
  'counts what a process has its children compute, while they run and when they have ended',
  async () => {
    // The shell itself only waits.
    const parent = spawn('/bin/sh', ['-c', "sh -c 'while :; do :; done' & echo $!; wait; read end"], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const [text] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = parent.pid as number;
    try {
      await vi.waitFor(() => expect(processCpuMs(pid)).toBeGreaterThanOrEqual(50), { timeout: 30_000 });
    } finally {
      process.kill(Number(text.toString()), 'SIGKILL');
    }
    await vi.waitFor(() => expect(processCpuMs(pid)).toBeGreaterThanOrEqual(50));
    parent.stdin.end('\n');
    await once(parent, 'exit');
    expect(processCpuMs(pid)).toBe(0);
  },
);
