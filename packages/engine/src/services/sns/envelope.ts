import type { MessageSigner, ServiceEnvironment } from '../../core/index.ts';
import type { PublishedMessage, StoredAttribute, StoredSubscription } from './stored.ts';
import type { Topic } from './topic-table.ts';

/** What an endpoint gets to read: the text meant for its protocol. */
export const textFor = (message: PublishedMessage, protocol: string): string =>
  message.perProtocol?.[protocol] ?? message.message;

const attributesOut = (attributes: Readonly<Record<string, StoredAttribute>>) =>
  Object.fromEntries(Object.entries(attributes).map(([name, { type, value }]) => [name, { Type: type, Value: value }]));

type Member = readonly [name: string, value: string];

/** A member per line, ` : ` between name and value, as SNS lays it out. */
const laidOut = (members: readonly Member[], attributes: readonly string[] = []): string => {
  const lines = members.map(([name, value]) => `  "${name}" : ${JSON.stringify(value)}`);
  if (attributes.length > 0) lines.push(`  "MessageAttributes" : {\n${attributes.join(',\n')}\n  }`);
  return `{\n${lines.join(',\n')}\n}`;
};

/** Members that are signed, where they are there, in this order. */
const SIGNED = ['Message', 'MessageId', 'SubscribeURL', 'Subject', 'Timestamp', 'Token', 'TopicArn', 'Type'];

/** Asks the owner of an endpoint whether it wants messages, or whether it still does not. */
export interface Confirmation {
  readonly type: 'SubscriptionConfirmation' | 'UnsubscribeConfirmation';
  readonly messageId: string;
  readonly token: string;
  readonly at: number;
}

/**
 * Writes what endpoints get, signed. The certificate and all links are the engine's own: who follows them stays on this
 * machine.
 *
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
 */
export class Envelopes {
  readonly #endpoint: string;
  readonly #signer: MessageSigner;
  readonly #certificateUrl: string;
  /** Signatures of a message that many subscriptions get, by what is signed. */
  readonly #signatures = new WeakMap<PublishedMessage, Map<string, string>>();

  constructor({ settings, signer, digest }: ServiceEnvironment) {
    this.#endpoint = settings.endpoint;
    this.#signer = signer;
    this.#certificateUrl = `${settings.endpoint}/_holdfast/sns/${certificateName(digest.md5Hex(signer.certificate))}`;
  }

  /** The text that queues, mail programs and HTTP endpoints get. */
  notification(topic: Topic, subscription: StoredSubscription, message: PublishedMessage): string {
    const members: Member[] = [
      ['Type', 'Notification'],
      ['MessageId', message.messageId],
      ...(message.sequenceNumber === undefined ? [] : [['SequenceNumber', message.sequenceNumber] as const]),
      ['TopicArn', topic.facts.arn],
      ...(message.subject === undefined ? [] : [['Subject', message.subject] as const]),
      ['Message', textFor(message, subscription.protocol)],
      ['Timestamp', new Date(message.at).toISOString()],
    ];
    if (!topic.isFifo) members.push(...this.#signature(members, versionOf(topic), message));
    members.push(['UnsubscribeURL', this.#unsubscribeUrl(subscription)]);
    const attributes = Object.entries(attributesOut(message.attributes));
    return laidOut(
      members,
      attributes.map(([name, value]) => `    ${JSON.stringify(name)} : ${JSON.stringify(value)}`),
    );
  }

  /**
   * The event that a function gets, as JSON text: always one record, `...Url` instead of `...URL`. It names version 1 whatever the
   * topic signs with, as AWS's does.
   */
  lambdaEvent(topic: Topic, subscription: StoredSubscription, message: PublishedMessage): string {
    const text = textFor(message, subscription.protocol);
    const timestamp = new Date(message.at).toISOString();
    const members: Member[] = [
      ['Message', text],
      ['MessageId', message.messageId],
      ...(message.subject === undefined ? [] : [['Subject', message.subject] as const]),
      ['Timestamp', timestamp],
      ['TopicArn', topic.facts.arn],
      ['Type', 'Notification'],
    ];
    const { Signature, SigningCertURL } = Object.fromEntries(this.#signature(members, versionOf(topic), message));
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
            Message: text,
            Timestamp: timestamp,
            SignatureVersion: '1',
            Signature,
            SigningCertUrl: SigningCertURL,
            UnsubscribeUrl: this.#unsubscribeUrl(subscription),
            MessageAttributes: attributesOut(message.attributes),
          },
        },
      ],
    });
  }

  /** What an HTTP endpoint gets when it is subscribed, and when somebody unsubscribes it. */
  confirmation(topic: Topic, subscription: StoredSubscription, { type, messageId, token, at }: Confirmation): string {
    const { arn } = topic.facts;
    const members: Member[] = [
      ['Type', type],
      ['MessageId', messageId],
      ['Token', token],
      ['TopicArn', arn],
      [
        'Message',
        type === 'SubscriptionConfirmation'
          ? `You have chosen to subscribe to the topic ${arn}.\nTo confirm the subscription, visit the SubscribeURL included in this message.`
          : `You have chosen to deactivate subscription ${subscription.arn}.\nTo cancel this operation and restore the subscription, visit the SubscribeURL included in this message.`,
      ],
      ['SubscribeURL', `${this.#endpoint}/?Action=ConfirmSubscription&TopicArn=${arn}&Token=${token}`],
      ['Timestamp', new Date(at).toISOString()],
    ];
    return laidOut([...members, ...this.#signature(members, versionOf(topic))]);
  }

  #unsubscribeUrl(subscription: StoredSubscription): string {
    return `${this.#endpoint}/?Action=Unsubscribe&SubscriptionArn=${subscription.arn}`;
  }

  #signature(members: readonly Member[], version: string, message?: PublishedMessage): readonly Member[] {
    const values = new Map(members);
    const text = SIGNED.filter((name) => values.has(name))
      .map((name) => `${name}\n${values.get(name)}\n`)
      .join('');
    return [
      ['SignatureVersion', version],
      ['Signature', this.#signed(version, text, message)],
      ['SigningCertURL', this.#certificateUrl],
    ];
  }

  #signed(version: string, text: string, message: PublishedMessage | undefined): string {
    const sign = (): string => this.#signer.sign(version === '2' ? 'sha256' : 'sha1', text);
    if (message === undefined) return sign();
    const key = `${version} ${text}`;
    const known = this.#signatures.get(message) ?? new Map<string, string>();
    this.#signatures.set(message, known);
    const signature = known.get(key) ?? sign();
    known.set(key, signature);
    return signature;
  }
}

const versionOf = (topic: Topic): string => topic.facts.attributes['SignatureVersion'] ?? '1';

/** The file name of a certificate, by its fingerprint. */
export const certificateName = (fingerprint: string): string => `SimpleNotificationService-${fingerprint}.pem`;
