import {
  type DeliveryResult,
  type DeliveryTarget,
  notSupported,
  type OperationTable,
  type Service,
  type ServiceEnvironment,
  type TopicMessage,
} from '../../core/index.ts';

export class SnsService implements Service, DeliveryTarget<TopicMessage> {
  readonly id = 'sns';
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
}
