import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/** What stands behind a header in JSON and its line end; `undefined` without them. */
const documentIn = (text: string): string | undefined => {
  const end = text.indexOf('\n');
  if (end < 0) return undefined;
  try {
    const header = JSON.parse(text.slice(0, end)) as { readonly format?: unknown } | null;
    return header?.format === undefined ? undefined : text.slice(end + 1);
  } catch {
    return undefined;
  }
};

/**
 * The X-Ray daemon's half that listens to UDP: a header in JSON, a line end, a segment document. It has the number of the engine's
 * own port, which is the daemon's other half: what SDKs ask it over TCP are actions of X-Ray.
 *
 * @see https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html
 */
export class XRayDaemon {
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Listens on the port, or on any other when somebody else has it. */
  static async listen(host: string, port: number, onDocument: (document: string) => void): Promise<XRayDaemon> {
    const open = async (number: number): Promise<Socket> => {
      const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
      socket.on('message', (message) => {
        const document = documentIn(message.toString('utf8'));
        if (document === undefined) return;
        try {
          onDocument(document);
        } catch (error) {
          // Nobody waits for an answer.
          console.error('a segment sent to the X-Ray daemon could not be taken:', error);
        }
      });
      socket.bind(number, host);
      await once(socket, 'listening');
      // What could not be received is lost, as with UDP it may be; what comes next is not.
      socket.on('error', (error) => console.error('the X-Ray daemon could not receive:', error.message));
      socket.unref();
      return socket;
    };
    try {
      return new XRayDaemon(await open(port));
    } catch {
      return new XRayDaemon(await open(0));
    }
  }

  /** As `AWS_XRAY_DAEMON_ADDRESS` has it. */
  get address(): string {
    const { address, port } = this.#socket.address() as AddressInfo;
    return `${address.includes(':') ? `[${address}]` : address}:${port}`;
  }

  close(): void {
    this.#socket.close();
  }
}
