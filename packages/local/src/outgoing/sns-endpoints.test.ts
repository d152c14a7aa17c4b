import { createVerify, X509Certificate } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { afterEach, expect, it } from 'vitest';
import { LocalEngine } from '../local-engine.ts';
import { clientOptions } from '../testing/client-options.ts';

interface Arrival {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const servers: Server[] = [];

/** An endpoint of this machine that answers each request with the next status, the last one for ever. */
const endpoint = async (statuses: number[] = [200]) => {
  const arrivals: Arrival[] = [];
  const waiting: (() => void)[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      arrivals.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.statusCode = statuses[Math.min(arrivals.length, statuses.length) - 1] ?? 200;
      response.end();
      for (const wake of waiting.splice(0)) wake();
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const arrived = async (count: number): Promise<readonly Arrival[]> => {
    while (arrivals.length < count) await new Promise<void>((resolve) => waiting.push(resolve));
    return arrivals;
  };
  return { url: `http://127.0.0.1:${port}/hook`, arrivals, arrived };
};

afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

const verifies = async (message: Record<string, string>): Promise<boolean> => {
  const certificate = new X509Certificate(await (await fetch(message['SigningCertURL'] as string)).text());
  const names = ['Message', 'MessageId', 'SubscribeURL', 'Subject', 'Timestamp', 'Token', 'TopicArn', 'Type'];
  const text = names.filter((name) => name in message).map((name) => `${name}\n${message[name]}\n`);
  const verify = createVerify(message['SignatureVersion'] === '2' ? 'RSA-SHA256' : 'RSA-SHA1');
  return verify.update(text.join('')).verify(certificate.publicKey, message['Signature'] as string, 'base64');
};

it.each(['1', '2'])(
  'an endpoint confirms by link, gets messages, and all signatures of version %s verify',
  async (version) => {
    await using engine = await LocalEngine.start({ port: 0 });
    const sns = new SNSClient(clientOptions(engine));
    const { url, arrived } = await endpoint();
    const { TopicArn } = await sns.send(
      new CreateTopicCommand({ Name: 'orders', Attributes: { SignatureVersion: version } }),
    );
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'http', Endpoint: url }));
    const confirmation = JSON.parse((await arrived(1))[0]?.body ?? '');
    expect(await verifies(confirmation)).toBe(true);

    const confirmed = await fetch(confirmation.SubscribeURL);
    expect(confirmed.status).toBe(200);
    expect(await confirmed.text()).toContain('<ConfirmSubscriptionResult>');

    await sns.send(new PublishCommand({ TopicArn, Subject: 'Grüße', Message: 'a "b" ü €' }));
    const { headers, body } = (await arrived(2))[1] as Arrival;
    const notification = JSON.parse(body);
    expect(headers['x-amz-sns-message-type']).toBe('Notification');
    expect(notification).toMatchObject({ Message: 'a "b" ü €', SignatureVersion: version });
    expect(await verifies(notification)).toBe(true);
    expect(await verifies({ ...notification, Message: 'another' })).toBe(false);

    await fetch(notification.UnsubscribeURL);
    expect(await verifies(JSON.parse((await arrived(3))[2]?.body ?? ''))).toBe(true);
  },
);

it('in virtual time each retry waits for its answer, and comes at its second', async () => {
  await using engine = await LocalEngine.start({ port: 0, clock: 'virtual' });
  const sns = new SNSClient(clientOptions(engine));
  const { url, arrivals, arrived } = await endpoint([200, 500, 503, 429, 200]);
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'orders' }));
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'http', Endpoint: url }));
  await engine.advance(0);
  await fetch(JSON.parse((await arrived(1))[0]?.body ?? '').SubscribeURL);
  await sns.send(new PublishCommand({ TopicArn, Message: 'hi' }));
  await engine.advance(0);
  const counts = [arrivals.length];
  for (const ms of [19_999, 1, 19_999, 1, 20_000, 3_600_000]) {
    await engine.advance(ms);
    counts.push(arrivals.length);
  }
  expect(counts).toEqual([2, 2, 3, 3, 4, 5, 5]);
});

it('endpoints beyond this machine are refused by name', async () => {
  await using engine = await LocalEngine.start({ port: 0 });
  const sns = new SNSClient(clientOptions(engine));
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'orders' }));
  const subscribe = sns.send(
    new SubscribeCommand({ TopicArn, Protocol: 'https', Endpoint: 'https://example.com/hook' }),
  );
  await expect(subscribe).rejects.toThrow(
    'Holdfast does not support the SNS endpoint https://example.com/hook: it is not on this machine, and nothing is sent beyond',
  );
});
