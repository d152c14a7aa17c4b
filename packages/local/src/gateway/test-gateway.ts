import { connect } from 'node:net';
import { cloudFormation } from '@holdfast/cloudformation';
import { type RequestContext, SERVICES } from '@holdfast/engine';
import { idsFrom, ManualClock, seededRandom } from '@holdfast/kernel';
import { Gateway, type GatewayOptions } from './index.ts';

/** A call that reached the engine's place. */
export interface RecordedCall {
  readonly service: string;
  readonly action: string;
  readonly input: Record<string, unknown>;
  readonly context: RequestContext;
}

/** For tests: a gateway on a free port before an engine that answers what the test says. */
export class TestGateway {
  readonly calls: RecordedCall[] = [];
  readonly clock = new ManualClock();
  /** What the next calls answer; may throw, may give a promise. */
  answer: (call: RecordedCall) => unknown = () => ({});
  port = 0;
  readonly #gateway: Gateway;

  constructor(options: Partial<GatewayOptions> = {}) {
    this.#gateway = new Gateway({
      clock: this.clock,
      ids: idsFrom(seededRandom(1).stream('ids')),
      defaultAccount: '000000000000',
      defaultRegion: 'us-east-1',
      durable: () => undefined,
      services: [...SERVICES, cloudFormation],
      call: (service, action, input, context) => {
        const call = { service, action, input: input as Record<string, unknown>, context };
        this.calls.push(call);
        return this.answer(call);
      },
      ...options,
    });
  }

  static async start(options: Partial<GatewayOptions> = {}): Promise<TestGateway> {
    const gateway = new TestGateway(options);
    gateway.port = (await gateway.#gateway.listen(0, '127.0.0.1')).port;
    return gateway;
  }

  close(): Promise<void> {
    return this.#gateway.close();
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Settings of an SDK client that talks to this gateway. */
  get client() {
    return {
      endpoint: this.endpoint,
      region: 'eu-west-1',
      credentials: { accessKeyId: '123456789012', secretAccessKey: 'secret' },
      maxAttempts: 1,
    };
  }

  get lastCall(): RecordedCall {
    const call = this.calls.at(-1);
    if (call === undefined) throw new Error('nothing has reached the engine');
    return call;
  }

  /** Sends text as it is and gives back all that comes until the gateway ends the connection. */
  raw(text: string | Buffer): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.port, '127.0.0.1', () => socket.write(text));
      let received = '';
      socket.on('data', (data) => {
        received += data.toString('latin1');
      });
      socket.on('end', () => {
        socket.end();
        resolve(received);
      });
      socket.on('error', reject);
    });
  }
}

/** `Authorization` as clients sign, with a signature that nobody verifies. */
export const authorization = (service: string, accessKeyId = 'AKIDEXAMPLE', region = 'us-east-1'): string =>
  `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20250101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=00`;

/** What a client makes of an answer that is an error; its name counts among its members. */
export const failing = async (work: Promise<unknown>): Promise<Record<string, unknown>> => {
  try {
    await work;
  } catch (error) {
    return Object.assign(error as object, { name: (error as Error).name }) as Record<string, unknown>;
  }
  throw new Error('should have failed');
};
