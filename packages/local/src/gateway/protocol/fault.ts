import type { ServiceError } from '@holdfast/engine';
import { membersOf } from '../codec/shape.ts';
import type { ErrorModel, ServiceModel } from '../service-model.ts';

/** A ServiceError seen through the model of the service that threw it. */
export interface Fault {
  /** Exception name as in the model. */
  readonly name: string;
  readonly message: string;
  readonly status: number;
  readonly members: Readonly<Record<string, unknown>>;
  readonly model: ErrorModel | undefined;
  /** Name in the Query protocol and in `x-amzn-query-error`. */
  readonly queryCode: string;
  readonly side: 'Sender' | 'Receiver';
}

/** Codes that services share and models leave out. */
const GENERIC_QUERY_CODES: Readonly<Record<string, string>> = {
  InvalidParameterValueException: 'InvalidParameterValue',
  MissingRequiredParameterException: 'MissingParameter',
  AccessDeniedException: 'AccessDenied',
  InternalFailure: 'InternalFailure',
};

/** Services of the JSON protocols answer callers' mistakes with 400, whatever their models say: a missing parameter is no 404. */
const modelledStatus = (service: ServiceModel | undefined, model: ErrorModel | undefined): number | undefined => {
  const isIgnored = service?.wire.ignoresModelledStatus === true;
  const isPlain = service?.wire.protocol === 'json' && (model?.status ?? 400) < 500;
  return isIgnored || isPlain ? undefined : model?.status;
};

/**
 * The status is the error's own; 400, which services also get by not naming one, gives way to the model's.
 */
export const faultOf = (error: ServiceError, service: ServiceModel | undefined): Fault => {
  const model = service?.errors.get(error.code) ?? modelByQueryCode(service, error.code);
  const status = error.status === 400 ? (modelledStatus(service, model) ?? 400) : error.status;
  return {
    name: model?.name ?? error.code,
    message: error.message,
    status,
    members: error.members ?? {},
    model,
    queryCode: model?.queryCode ?? GENERIC_QUERY_CODES[error.code] ?? error.code,
    side: status >= 500 ? 'Receiver' : 'Sender',
  };
};

/** Services may name an error by its Query code (`NotFound`) as well. */
const modelByQueryCode = (service: ServiceModel | undefined, code: string): ErrorModel | undefined => {
  if (service === undefined) return undefined;
  for (const model of service.errors.values()) if (model.queryCode === code) return model;
  return undefined;
};

/** Members for a JSON or CBOR body; a few refusals of AWS's have no text. The text is called as the model calls it, `message` or `Message`, if the error does not name it itself. */
export const bodyOf = (fault: Fault): Record<string, unknown> => {
  if (fault.message === '' || 'Message' in fault.members || 'message' in fault.members) return { ...fault.members };
  const names = fault.model === undefined ? [] : membersOf(fault.model.shape).map(([name]) => name);
  const name = names.includes('Message') && !names.includes('message') ? 'Message' : 'message';
  return { [name]: fault.message, ...fault.members };
};
