import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  CreateApiDestinationCommand,
  CreateConnectionCommand,
  DescribeConnectionCommand,
  EventBridgeClient,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { expect, it } from 'vitest';
import { LocalEngine } from '../local-engine.ts';
import { clientOptions } from '../testing/client-options.ts';

it('an API destination behind OAuth gets its events in virtual time, with a token asked for once', async () => {
  const calls: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const isToken = request.url === '/token';
      calls.push(isToken ? body : `${request.headers.authorization} ${JSON.parse(body).detail.id}`);
      response.end(isToken ? '{"access_token":"secret-token","token_type":"Bearer","expires_in":3600}' : '');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    await using engine = await LocalEngine.start({ port: 0, clock: 'virtual' });
    const events = new EventBridgeClient(clientOptions(engine));
    const { ConnectionArn } = await events.send(
      new CreateConnectionCommand({
        Name: 'shop',
        AuthorizationType: 'OAUTH_CLIENT_CREDENTIALS',
        AuthParameters: {
          OAuthParameters: {
            AuthorizationEndpoint: `${url}/token`,
            HttpMethod: 'POST',
            ClientParameters: { ClientID: 'id', ClientSecret: 'key' },
          },
        },
      }),
    );
    await engine.advance(0);
    expect(await events.send(new DescribeConnectionCommand({ Name: 'shop' }))).toMatchObject({
      ConnectionState: 'AUTHORIZED',
    });
    const { ApiDestinationArn: Arn } = await events.send(
      new CreateApiDestinationCommand({
        Name: 'shop',
        ConnectionArn,
        InvocationEndpoint: `${url}/orders`,
        HttpMethod: 'POST',
        InvocationRateLimitPerSecond: 1,
      }),
    );
    await events.send(new PutRuleCommand({ Name: 'all', EventPattern: '{"source":["shop"]}' }));
    await events.send(new PutTargetsCommand({ Rule: 'all', Targets: [{ Id: 'api', Arn }] }));
    for (let id = 0; id < 3; id++) {
      const Entries = [{ Source: 'shop', DetailType: 'order', Detail: `{"id":${id}}` }];
      await events.send(new PutEventsCommand({ Entries }));
    }
    await engine.advance(1_000);
    expect(calls).toEqual([
      'grant_type=client_credentials&client_id=id&client_secret=key',
      'Bearer secret-token 0',
      'Bearer secret-token 1',
    ]);
    await engine.advance(1_000);
    expect(calls).toHaveLength(4);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});
