import { makeArn } from '@holdfast/aws-model';
import type { EpochMs } from '@holdfast/kernel';
import type { Collection, ServiceEnvironment } from '../../core/index.ts';
import { OAuthTokens } from './oauth-tokens.ts';

export type AuthorizationType = 'BASIC' | 'API_KEY' | 'OAUTH_CLIENT_CREDENTIALS';

/** A parameter that is added to requests; AWS keeps the value when it says that it is secret. */
export interface ConnectionParameter {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
  readonly IsValueSecret?: boolean | undefined;
}

export interface ConnectionHttpParameters {
  readonly HeaderParameters?: readonly ConnectionParameter[] | undefined;
  readonly QueryStringParameters?: readonly ConnectionParameter[] | undefined;
  readonly BodyParameters?: readonly ConnectionParameter[] | undefined;
}

/** How requests are authorized, secrets included. */
export interface ConnectionAuth {
  readonly BasicAuthParameters?: { readonly Username: string; readonly Password: string } | undefined;
  readonly ApiKeyAuthParameters?: { readonly ApiKeyName: string; readonly ApiKeyValue: string } | undefined;
  readonly OAuthParameters?:
    | {
        readonly ClientParameters: { readonly ClientID: string; readonly ClientSecret: string };
        readonly AuthorizationEndpoint: string;
        readonly HttpMethod: 'GET' | 'POST' | 'PUT';
        readonly OAuthHttpParameters?: ConnectionHttpParameters | undefined;
      }
    | undefined;
  readonly InvocationHttpParameters?: ConnectionHttpParameters | undefined;
}

/** A connection as stored. */
export interface StoredConnection {
  readonly arn: string;
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly description?: string | undefined;
  readonly authorizationType: AuthorizationType;
  readonly auth: ConnectionAuth;
  readonly secretArn: string;
  readonly state: 'AUTHORIZED' | 'AUTHORIZING' | 'DEAUTHORIZED';
  readonly reason?: string | undefined;
  readonly createdAt: EpochMs;
  readonly modifiedAt: EpochMs;
  readonly authorizedAt: EpochMs;
}

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
