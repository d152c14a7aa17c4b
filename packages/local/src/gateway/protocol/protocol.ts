import type { Destination } from '../service-catalog.ts';
import type { OperationModel } from '../service-model.ts';
import type { WireRequest, WireResponse } from '../wire.ts';
import type { Fault } from './fault.ts';
import type { SigningClocks } from './presigned.ts';

export interface Call {
  readonly operation: OperationModel;
  readonly input: object;
  /** A browser's form brought it; only S3 has such. */
  readonly isForm?: boolean;
}

/** One wire protocol of one service. */
export interface ServiceProtocol {
  /** @throws ServiceError when the request names no operation or does not fit its shape */
  read(request: WireRequest, destination: Destination, clocks: SigningClocks): Call;
  answer(operation: OperationModel, output: unknown, requestId: string, request: WireRequest): WireResponse;
  refuse(fault: Fault, requestId: string, request: WireRequest): WireResponse;
}
