import { makeArn } from '@holdfast/aws-model';
import type { Collection, ServiceEnvironment } from '../../core/index.ts';
import type { StoredConnection } from './connection.ts';
import { OAuthTokens } from './oauth-tokens.ts';

/** All connections, by ARN; those with OAuth are authorized when they are made and when they change. */
export class Connections {
  readonly tokens: OAuthTokens;
  readonly #environment: ServiceEnvironment;
  readonly #stored: Collection<StoredConnection>;
  readonly #connections: Map<string, StoredConnection>;

  constructor(environment: ServiceEnvironment) {
    this.#environment = environment;
    this.tokens = new OAuthTokens(environment);
    this.#stored = environment.store.collection('events.connections');
    this.#connections = new Map(this.#stored.entries());
  }

  start(): void {
    for (const connection of this.#connections.values())
      if (connection.state === 'AUTHORIZING') this.#authorize(connection);
  }

  find(arn: string): StoredConnection | undefined {
    return this.#connections.get(arn);
  }

  named(account: string, region: string, name: string): StoredConnection | undefined {
    return this.all(account, region).find((connection) => connection.name === name);
  }

  all(account: string, region: string): StoredConnection[] {
    return [...this.#connections.values()].filter((one) => one.account === account && one.region === region);
  }

  newArn(account: string, region: string, name: string): string {
    return makeArn('events', region, account, `connection/${name}/${this.#environment.ids.uuid()}`);
  }

  put(connection: StoredConnection): void {
    this.#keep(connection);
    if (connection.state === 'AUTHORIZING') this.#authorize(connection);
  }

  delete({ arn }: StoredConnection): void {
    this.tokens.forget(arn);
    this.#connections.delete(arn);
    this.#stored.delete(arn);
  }

  #keep(connection: StoredConnection): void {
    this.#connections.set(connection.arn, connection);
    this.#stored.put(connection.arn, connection);
  }

  #authorize(connection: StoredConnection): void {
    this.tokens.forget(connection.arn);
    this.tokens.of(connection, (token) => {
      const known = this.#connections.get(connection.arn);
      if (known?.state !== 'AUTHORIZING') return;
      const isGranted = token.kind === 'token';
      this.#keep({
        ...known,
        state: isGranted ? 'AUTHORIZED' : 'DEAUTHORIZED',
        reason: isGranted ? undefined : token.message,
        ...(isGranted ? { authorizedAt: this.#environment.clock.now() } : {}),
      });
    });
  }
}
