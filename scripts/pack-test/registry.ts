import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { basename } from 'node:path';
import { type Manifest, readManifest } from '../packages/manifest.ts';

interface Offered {
  readonly bytes: Buffer;
  readonly manifest: Manifest;
}

/**
 * An npm registry on loopback that has the given tarballs, and sends whoever asks for anything else to another one. With it
 * `npx holdfast` is what it will be once the packages are published.
 */
export class TarballRegistry implements AsyncDisposable {
  readonly #offered = new Map<string, Offered>();
  readonly #elsewhere: string;
  readonly #server: Server;

  constructor(elsewhere: string) {
    this.#elsewhere = elsewhere.replace(/\/$/, '');
    this.#server = createServer((request, response) => {
      const path = decodeURIComponent(request.url ?? '/');
      const [name = '', file] = path.slice(1).split('/-/');
      const offered = this.#offered.get(name);
      if (offered === undefined) response.writeHead(302, { location: `${this.#elsewhere}${request.url}` }).end();
      else if (file !== undefined) response.end(offered.bytes);
      else response.setHeader('content-type', 'application/json').end(JSON.stringify(this.#packument(name, offered)));
    });
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this.url;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }

  /** `builtFolder` has the manifest of what was packed. */
  offer(name: string, tarball: string, builtFolder: string): void {
    this.#offered.set(name, { bytes: readFileSync(tarball), manifest: readManifest(builtFolder) });
  }

  #packument(name: string, { bytes, manifest }: Offered): object {
    const { version } = manifest;
    const dist = {
      tarball: `${this.url}/${name}/-/${basename(name)}-${version}.tgz`,
      integrity: `sha512-${createHash('sha512').update(bytes).digest('base64')}`,
    };
    return { name, 'dist-tags': { latest: version }, versions: { [version]: { ...manifest, name, dist } } };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}
