import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { jsonCall, type LoadResult, runLoad, singleRequest } from '../src/http-load.ts';
import { signedHeaders } from '../src/lambda-requests.ts';
import { BARE, type ServerUnderTest } from '../src/servers.ts';
import { storedZip } from './stored-zip.ts';

const ROLE = 'arn:aws:iam::000000000000:role/bench';
const NO_OP = 'exports.handler = async () => null;';
/** Leaves a byte for each event or record: the one trace that can be counted whatever the server. */
const COUNTING = `const { appendFileSync } = require('node:fs');
exports.handler = async (event) => {
  appendFileSync(process.env.COUNT_FILE, '.'.repeat(event.Records?.length ?? 1));
  return null;
};`;

/** One server, spoken to with nothing but the API of AWS. */
export class LambdaServer {
  readonly #server: ServerUnderTest;
  readonly #directory: string;

  constructor(server: ServerUnderTest, directory: string) {
    this.#server = server;
    this.#directory = directory;
  }

  get port(): number {
    return this.#server.port;
  }

  get isBare(): boolean {
    return this.#server.name.startsWith(BARE);
  }

  /** User and system time of the server so far, threads of functions included; `undefined` where there is no /proc. */
  cpuMs(): number | undefined {
    return this.#server.cpuMs();
  }

  get countFile(): string {
    return join(this.#directory, `${this.#server.port}.count`);
  }

  /** Events and records that have been in a run so far. */
  count(): number {
    return statSync(this.countFile).size;
  }

  async setUp(): Promise<void> {
    writeFileSync(this.countFile, '');
    if (this.isBare) return;
    await this.#createFunction('noop', NO_OP);
    await this.#createFunction('counting', COUNTING);
  }

  async rest(method: string, path: string, input: object): Promise<Record<string, unknown>> {
    return this.#answerOf(
      await fetch(`http://127.0.0.1:${this.port}${path}`, {
        method,
        headers: { ...signedHeaders('lambda'), 'Content-Type': 'application/json' },
        body: method === 'GET' ? null : JSON.stringify(input),
      }),
      `${method} ${path}`,
    );
  }

  async sqs(action: string, input: object): Promise<Record<string, unknown>> {
    return this.#answerOf(
      await fetch(`http://127.0.0.1:${this.port}/`, {
        method: 'POST',
        headers: jsonCall(`AmazonSQS.${action}`),
        body: JSON.stringify(input),
      }),
      action,
    );
  }

  load(bytes: Buffer, connections: number, forMs: number, graceMs: number): Promise<LoadResult> {
    return runLoad({ port: this.port, connections, forMs, graceMs, unit: () => singleRequest(bytes) });
  }

  async #createFunction(name: string, code: string): Promise<void> {
    await this.rest('POST', '/2015-03-31/functions', {
      FunctionName: name,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: ROLE,
      Timeout: 30,
      Environment: { Variables: { COUNT_FILE: this.countFile } },
      Code: { ZipFile: storedZip('index.js', code).toString('base64') },
    });
    for (;;) {
      const { State } = await this.rest('GET', `/2015-03-31/functions/${name}/configuration`, {});
      if (State !== 'Pending') return;
      await sleep(20);
    }
  }

  async #answerOf(answer: Response, call: string): Promise<Record<string, unknown>> {
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${call} is answered with ${answer.status}: ${text.slice(0, 200)}`);
    return (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
  }
}
