import { makeArn } from '@holdfast/aws-model';
import { type EventOrigin, originOf, textOf, uuidOf } from './identity.ts';

/** What a topic hands to a function: always one record. */
export interface SnsEvent {
  Records: {
    EventVersion: '1.0';
    EventSubscriptionArn: string;
    EventSource: 'aws:sns';
    Sns: {
      Type: 'Notification';
      MessageId: string;
      TopicArn: string;
      Subject?: string;
      Message: string;
      Timestamp: string;
      SignatureVersion: '1';
      Signature: string;
      SigningCertUrl: string;
      UnsubscribeUrl: string;
      MessageAttributes: Record<string, { Type: string; Value: string }>;
    };
  }[];
}

/** What is published, and where. */
export interface SnsEventOptions extends EventOrigin {
  /** Name of the topic. @defaultValue topic */
  readonly topic?: string;
  readonly subject?: string;
  readonly messageAttributes?: Readonly<Record<string, { readonly Type: string; readonly Value: string }>>;
}

/** An event of one notification: topic, subscription and the URL to end it are of one account and region. */
export const snsEvent = (message: unknown, options: SnsEventOptions = {}): SnsEvent => {
  const { account, region, at } = originOf(options);
  const { topic = 'topic', subject, messageAttributes = {} } = options;
  const text = textOf(message, 'message');
  const topicArn = makeArn('sns', region, account, topic);
  const subscriptionArn = `${topicArn}:${uuidOf('subscription', topic)}`;
  return {
    Records: [
      {
        EventVersion: '1.0',
        EventSubscriptionArn: subscriptionArn,
        EventSource: 'aws:sns',
        Sns: {
          Type: 'Notification',
          MessageId: uuidOf('notification', topic, text),
          TopicArn: topicArn,
          ...(subject === undefined ? {} : { Subject: subject }),
          Message: text,
          Timestamp: at.toISOString(),
          SignatureVersion: '1',
          Signature: Buffer.from(uuidOf('signature', text)).toString('base64'),
          SigningCertUrl: `https://sns.${region}.amazonaws.com/SimpleNotificationService.pem`,
          UnsubscribeUrl: `https://sns.${region}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=${subscriptionArn}`,
          MessageAttributes: { ...messageAttributes },
        },
      },
    ],
  };
};
