import { PipelineFunction, type PipelineQueueProps, pipelineQueue } from '@holdfast/constructs';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as kms from 'aws-cdk-lib/aws-kms';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { IngestionNetwork } from './ingestion-network.ts';
import type { IngestionSettings } from './ingestion-settings.ts';

/** What a function of the lab is made from. */
export interface IngestionFunctionProps {
  readonly name: string;
  /** @default - the name */
  readonly handlerExport?: string;
  readonly description: string;
  readonly environment: Readonly<Record<string, string>>;
  /** @default Duration.seconds(10) */
  readonly timeout?: Duration;
}

/** Makes queues, tables and functions of the ingestion lab: with the name of their environment, and with its key and network if it has them. */
export class IngestionParts {
  readonly #settings: IngestionSettings;
  readonly #entry: string;
  readonly #network: IngestionNetwork | undefined;
  readonly key: kms.Key | undefined;

  constructor(stack: Construct, settings: IngestionSettings, entry: string) {
    this.#settings = settings;
    this.#entry = entry;
    this.#network = settings.vpcEndpoints ? new IngestionNetwork(stack, 'Network') : undefined;
    this.key = settings.useKmsCmk
      ? new kms.Key(stack, 'Key', {
          alias: `alias/ingestion-${settings.envName}`,
          description: 'Queues and tables of the ingestion lab',
          enableKeyRotation: true,
        })
      : undefined;
  }

  /** By this name metrics, logs and traces of one environment are told from those of others. */
  get service(): string {
    return `ingestion-${this.#settings.envName}`;
  }

  named(name: string): string {
    return `ingestion-${name}-${this.#settings.envName}`;
  }

  queue(scope: Construct, id: string, name: string, props: PipelineQueueProps): sqs.Queue {
    return pipelineQueue(scope, id, { queueName: this.named(name), encryptionKey: this.key, ...props });
  }

  table(
    scope: Construct,
    id: string,
    name: string,
    keys: { readonly partition: string; readonly sort?: string; readonly timeToLive?: string },
  ): dynamodb.Table {
    const key = this.key;
    const text = (attribute: string) => ({ name: attribute, type: dynamodb.AttributeType.STRING });
    return new dynamodb.Table(scope, id, {
      tableName: this.named(name),
      partitionKey: text(keys.partition),
      ...(keys.sort === undefined ? {} : { sortKey: text(keys.sort) }),
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      ...(keys.timeToLive === undefined ? {} : { timeToLiveAttribute: keys.timeToLive }),
      ...(key === undefined ? {} : { encryption: dynamodb.TableEncryption.CUSTOMER_MANAGED, encryptionKey: key }),
    });
  }

  function(scope: Construct, id: string, props: IngestionFunctionProps): PipelineFunction {
    const { name, handlerExport = name, description, environment, timeout = Duration.seconds(10) } = props;
    const made = new PipelineFunction(scope, id, {
      functionName: this.named(name),
      entry: this.#entry,
      handlerExport,
      description,
      timeout,
      tracing: true,
      environment: { POWERTOOLS_SERVICE_NAME: this.service, ...environment },
    });
    if (this.key !== undefined) made.allow('UseKey', ['kms:Decrypt', 'kms:GenerateDataKey'], [this.key.keyArn]);
    this.#network?.attach(made);
    return made;
  }
}
