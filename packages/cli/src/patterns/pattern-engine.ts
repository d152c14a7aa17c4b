import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { LocalEngine } from '@holdfast/local';
import type { RecoveryKind, StackName } from '@holdfast/stacks';
import { deployStack } from '../deploy.ts';
import { ANY_CREDENTIALS } from '../target.ts';

/** How clients reach the engine of a run. */
export interface ClientSettings {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

const ACCOUNT = '000000000000';

/** One stack on an engine of its own, in virtual time: the same seed gives the same run. */
export class PatternEngine implements AsyncDisposable {
  readonly local: LocalEngine;
  readonly settings: ClientSettings;
  readonly sqs: SQSClient;

  private constructor(local: LocalEngine) {
    this.local = local;
    this.settings = { endpoint: new URL(local.endpoint).origin, region: 'us-east-1', credentials: ANY_CREDENTIALS };
    this.sqs = new SQSClient(this.settings);
  }

  static async start(stack: StackName, seed: number, recovery?: RecoveryKind): Promise<PatternEngine> {
    const local = await LocalEngine.start({
      port: 0,
      clock: 'virtual',
      seed,
      startAt: new Date('2026-11-27T06:00:00Z'),
    });
    await deployStack(local, stack, recovery);
    return new PatternEngine(local);
  }

  now(): number {
    return Date.parse(this.local.clock().now);
  }

  queueUrl(queue: string): string {
    return `${this.settings.endpoint}/${ACCOUNT}/${queue}`;
  }

  /** All messages that lie in a queue; each look hides them for good. */
  async messagesIn(queue: string): Promise<readonly Message[]> {
    const all: Message[] = [];
    const QueueUrl = this.queueUrl(queue);
    for (;;) {
      const { Messages = [] } = await this.sqs.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: 10,
          VisibilityTimeout: 43_200,
          WaitTimeSeconds: 0,
          MessageSystemAttributeNames: ['ApproximateReceiveCount'],
        }),
      );
      if (Messages.length === 0) return all;
      all.push(...Messages);
    }
  }

  /** What was archived below a prefix of a bucket that the account's name ends. */
  async archived(bucket: string, prefix: string): Promise<readonly string[]> {
    const s3 = new S3Client({ ...this.settings, forcePathStyle: true });
    const Bucket = `${bucket}-${ACCOUNT}`;
    const bodies: string[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await s3.send(
        new ListObjectsV2Command({ Bucket, Prefix: prefix, ...(ContinuationToken && { ContinuationToken }) }),
      );
      for (const { Key } of page.Contents ?? []) {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
        bodies.push((await Body?.transformToString()) ?? '');
      }
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    s3.destroy();
    return bodies;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.sqs.destroy();
    await this.local[Symbol.asyncDispose]();
  }
}
