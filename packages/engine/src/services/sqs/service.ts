import {
  type DeliveryResult,
  type DeliveryTarget,
  notSupported,
  type OperationTable,
  type QueueFacts,
  type QueueMessage,
  type QueueSource,
  type Service,
  type ServiceEnvironment,
  type SourceMessage,
} from '../../core/index.ts';

export class SqsService implements Service, DeliveryTarget<QueueMessage>, QueueSource {
  readonly id = 'sqs';
  readonly operations: OperationTable = {};

  constructor(_environment: ServiceEnvironment) {}

  deliver(): DeliveryResult {
    return { ok: false, error: notSupported('delivery to this service yet') };
  }

  exists(): boolean {
    return false;
  }

  accepts(): boolean {
    return false;
  }

  facts(): QueueFacts | undefined {
    return undefined;
  }

  receive(): readonly SourceMessage[] {
    return [];
  }

  delete(): void {}

  onAvailable(): () => void {
    return () => {};
  }
}
