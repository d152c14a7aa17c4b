import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

const HEADER = /^\s*\{[^\n]*"format"[^\n]*\}\s*\n/;

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
        const text = message.toString('utf8');
        const header = HEADER.exec(text)?.[0];
        if (header !== undefined) onDocument(text.slice(header.length));
      });
      socket.bind(number, host);
      await once(socket, 'listening');
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
