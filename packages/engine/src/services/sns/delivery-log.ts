import type { ServiceEnvironment } from '../../core/index.ts';
import type { Protocol, PublishedMessage, StoredSubscription } from './stored.ts';
import type { Topic } from './topic-table.ts';

/** How one delivery ended. */
export interface DeliveryEnd {
  readonly isSuccess: boolean;
  /** Told of endpoints that are tried again by a policy of their own. */
  readonly attempts?: number;
  readonly statusCode: number;
  /** What the endpoint said; queues and functions answer with ids. */
  readonly providerResponse?: string;
}

/** Names of attributes begin with the kind of endpoint; mail has none. */
const KIND: Readonly<Partial<Record<Protocol, string>>> = { sqs: 'SQS', lambda: 'Lambda', http: 'HTTP', https: 'HTTP' };

/**
 * Writes how deliveries ended to CloudWatch Logs, for topics whose attributes name a role for it.
 *
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-topic-attributes.html
 */
export class DeliveryLog {
  readonly #environment: ServiceEnvironment;
  readonly #random;

  constructor(environment: ServiceEnvironment) {
    this.#environment = environment;
    this.#random = environment.random.stream('sns.delivery-log');
  }

  write(
    topic: Topic,
    subscription: StoredSubscription,
    message: PublishedMessage,
    text: string,
    end: DeliveryEnd,
  ): void {
    const kind = KIND[subscription.protocol];
    const { attributes, account, region, name } = topic.facts;
    const role = attributes[`${kind}${end.isSuccess ? 'Success' : 'Failure'}FeedbackRoleArn`];
    if (kind === undefined || role === undefined || role === '') return;
    if (end.isSuccess) {
      const rate = Number(attributes[`${kind}SuccessFeedbackSampleRate`] ?? 100);
      if (this.#random.nextUnit() * 100 >= rate) return;
    }
    const { clock, digest, ids, logs } = this.#environment;
    const now = clock.now();
    const entry = {
      notification: {
        messageMD5Sum: digest.md5Hex(text),
        messageId: message.messageId,
        topicArn: topic.facts.arn,
        timestamp: new Date(message.at).toISOString().replace('T', ' ').replace('Z', ''),
      },
      delivery: {
        deliveryId: ids.uuid(),
        destination: subscription.endpoint,
        providerResponse: end.providerResponse ?? JSON.stringify(this.#ids(kind)),
        dwellTimeMs: now - message.at,
        ...(end.attempts === undefined ? {} : { attempts: end.attempts }),
        statusCode: end.statusCode,
      },
      status: end.isSuccess ? 'SUCCESS' : 'FAILURE',
    };
    const group = `sns/${region}/${account}/${name}${end.isSuccess ? '' : '/Failure'}`;
    // One stream a day keeps their number bounded; AWS names them by random ids.
    logs.append({ account, region, group, stream: new Date(now).toISOString().slice(0, 10) }, [
      { at: now, message: JSON.stringify(entry) },
    ]);
  }

  /** Nobody can look these up. */
  #ids(kind: string): Record<string, string> {
    const { ids } = this.#environment;
    return kind === 'Lambda' ? { lambdaRequestId: ids.uuid() } : { sqsRequestId: ids.uuid(), sqsMessageId: ids.uuid() };
  }
}

/** The role as it may be given: of IAM. */
export const isRoleArn = (value: string): boolean => /^arn:aws[\w-]*:iam::\d{12}:role\/.+/.test(value);
