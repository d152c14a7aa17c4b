import { base64OfBytes, bytesOfHex, type Digest, joinBytes } from '@holdfast/kernel';
import type { PublishedMessage, StoredAttribute, StoredSubscription } from './stored.ts';
import type { Topic } from './topic-table.ts';

/** What an endpoint gets to read: the text meant for its protocol. */
export const textFor = (message: PublishedMessage, protocol: string): string =>
  message.perProtocol?.[protocol] ?? message.message;

const SIGNATURE_BYTES = 256;

/** Has the form of a signature and proves nothing: there is no key to sign with. */
const signatureOf = (message: PublishedMessage, digest: Digest): string => {
  const block = bytesOfHex(digest.sha256Hex(message.messageId));
  return base64OfBytes(joinBytes(Array.from({ length: SIGNATURE_BYTES / block.length }, () => block)));
};

/** Never an AWS address: a handler that follows it must stay on this machine. */
const urlsOf = (endpoint: string, subscription: StoredSubscription) => ({
  certificate: `${endpoint}/SimpleNotificationService-${'0'.repeat(32)}.pem`,
  unsubscribe: `${endpoint}/?Action=Unsubscribe&SubscriptionArn=${subscription.arn}`,
});

const attributesOut = (attributes: Readonly<Record<string, StoredAttribute>>) =>
  Object.fromEntries(Object.entries(attributes).map(([name, { type, value }]) => [name, { Type: type, Value: value }]));

/**
 * The text that queues and mail programs get, laid out as SNS does: a member per line, ` : ` between name and value.
 *
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
 */
export const envelopeText = (
  topic: Topic,
  subscription: StoredSubscription,
  message: PublishedMessage,
  endpoint: string,
  digest: Digest,
): string => {
  const urls = urlsOf(endpoint, subscription);
  const members: [name: string, value: string][] = [
    ['Type', 'Notification'],
    ['MessageId', message.messageId],
    ...(message.sequenceNumber === undefined ? [] : [['SequenceNumber', message.sequenceNumber] as [string, string]]),
    ['TopicArn', topic.facts.arn],
    ...(message.subject === undefined ? [] : [['Subject', message.subject] as [string, string]]),
    ['Message', textFor(message, subscription.protocol)],
    ['Timestamp', new Date(message.at).toISOString()],
  ];
  if (!topic.isFifo) {
    members.push(
      ['SignatureVersion', topic.facts.attributes['SignatureVersion'] ?? '1'],
      ['Signature', signatureOf(message, digest)],
      ['SigningCertURL', urls.certificate],
    );
  }
  members.push(['UnsubscribeURL', urls.unsubscribe]);
  const lines = members.map(([name, value]) => `  "${name}" : ${JSON.stringify(value)}`);
  const attributes = Object.entries(attributesOut(message.attributes));
  if (attributes.length > 0) {
    const rows = attributes.map(([name, value]) => `    ${JSON.stringify(name)} : ${JSON.stringify(value)}`);
    lines.push(`  "MessageAttributes" : {\n${rows.join(',\n')}\n  }`);
  }
  return `{\n${lines.join(',\n')}\n}`;
};

/** The event that a function gets, as JSON text: always one record, `...Url` instead of `...URL`, signature version 1. */
export const lambdaEvent = (
  topic: Topic,
  subscription: StoredSubscription,
  message: PublishedMessage,
  endpoint: string,
  digest: Digest,
): string => {
  const urls = urlsOf(endpoint, subscription);
  return JSON.stringify({
    Records: [
      {
        EventSource: 'aws:sns',
        EventVersion: '1.0',
        EventSubscriptionArn: subscription.arn,
        Sns: {
          Type: 'Notification',
          MessageId: message.messageId,
          TopicArn: topic.facts.arn,
          Subject: message.subject ?? null,
          Message: textFor(message, subscription.protocol),
          Timestamp: new Date(message.at).toISOString(),
          SignatureVersion: '1',
          Signature: signatureOf(message, digest),
          SigningCertUrl: urls.certificate,
          UnsubscribeUrl: urls.unsubscribe,
          MessageAttributes: attributesOut(message.attributes),
        },
      },
    ],
  });
};
