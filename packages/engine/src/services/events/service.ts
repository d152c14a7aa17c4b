import {
  type BusEvent,
  type DeliveryResult,
  type DeliveryTarget,
  notSupported,
  type OperationTable,
  type Service,
  type ServiceEnvironment,
} from '../../core/index.ts';

export class EventsService implements Service, DeliveryTarget<BusEvent> {
  readonly id = 'events';
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
