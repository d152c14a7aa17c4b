import {
  type DeliveryResult,
  type DeliveryTarget,
  notSupported,
  type ObjectSource,
  type OperationTable,
  type Service,
  type ServiceEnvironment,
} from '../../core/index.ts';

export class S3Service
  implements Service, ObjectSource, DeliveryTarget<{ readonly key: string; readonly body: Uint8Array }>
{
  readonly id = 's3';
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

  read(): Uint8Array | undefined {
    return undefined;
  }
}
