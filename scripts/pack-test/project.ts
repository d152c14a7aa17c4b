import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const execute = promisify(execFile);

export interface Outcome {
  readonly code: number;
  readonly output: string;
}

/** Bytes of all files below a directory. */
export const bytesBelow = (directory: string): number =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);

/** For programs that cannot be told to take any. */
export const freePort = async (): Promise<string> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return String(port);
};

/** A folder outside the repository, as a user has it. */
export class Project {
  readonly directory: string;

  constructor(directory: string, files?: string) {
    this.directory = directory;
    mkdirSync(directory, { recursive: true });
    if (files !== undefined) cpSync(files, directory, { recursive: true });
    writeFileSync(join(directory, 'package.json'), '{ "name": "consumer", "private": true, "type": "module" }\n');
  }

  async install(...packages: readonly string[]): Promise<void> {
    const { code, output } = await this.run('npm', [
      'install',
      '--no-fund',
      '--no-audit',
      '--prefer-offline',
      ...packages,
    ]);
    if (code !== 0) throw new Error(output);
  }

  /** Runs a program on the given Node.js, which programs that start with `#!/usr/bin/env node` find as well. */
  async run(program: string, words: readonly string[], node: string = process.execPath): Promise<Outcome> {
    try {
      const { stdout, stderr } = await execute(this.#find(program, node), words, {
        cwd: this.directory,
        env: this.#environment(node),
        maxBuffer: 2 ** 26,
        timeout: 240_000,
      });
      return { code: 0, output: `${stdout}${stderr}` };
    } catch (error) {
      const {
        code,
        stdout = '',
        stderr = '',
        message,
      } = error as Error & { code?: number; stdout?: string; stderr?: string };
      return { code: typeof code === 'number' ? code : 1, output: `${stdout}${stderr}` || message };
    }
  }

  /** Starts `holdfast serve` and hands its endpoint to `use`. */
  async withServer(node: string, use: (endpoint: string) => Promise<void>): Promise<void> {
    const words = ['serve', '--memory', '--port', '0'];
    const server = spawn(this.#find('holdfast', node), words, {
      cwd: this.directory,
      env: this.#environment(node),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = new Promise((resolve) => server.once('exit', resolve));
    try {
      for await (const line of createInterface({ input: server.stderr })) {
        const endpoint = /http:\/\/[\d.]+:\d+/.exec(line)?.[0];
        if (endpoint === undefined) continue;
        await use(endpoint);
        return;
      }
      throw new Error('holdfast serve ended before it listened');
    } finally {
      server.kill('SIGTERM');
      await ended;
    }
  }

  #find(program: string, node: string): string {
    if (program === 'node') return node;
    return program === 'npm' ? program : join(this.directory, 'node_modules', '.bin', program);
  }

  #environment(node: string): NodeJS.ProcessEnv {
    // Nothing of whoever runs the test decides whom it talks to; npm's own settings stay.
    const kept = Object.entries(process.env).filter(([name]) => !/^(AWS|HOLDFAST|VITEST)_/.test(name));
    return { ...Object.fromEntries(kept), PATH: `${dirname(node)}${delimiter}${process.env['PATH']}`, CI: 'true' };
  }
}
