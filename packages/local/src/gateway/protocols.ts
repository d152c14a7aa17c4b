import type { ServiceDescriptor } from '@holdfast/engine';
import { AmzCborProtocol, CborProtocol } from './protocol/cbor-protocol.ts';
import { JsonProtocol } from './protocol/json-protocol.ts';
import type { ServiceProtocol } from './protocol/protocol.ts';
import { QueryProtocol } from './protocol/query-protocol.ts';
import { RestJsonProtocol } from './protocol/rest-json-protocol.ts';
import { RestXmlProtocol } from './protocol/rest-xml-protocol.ts';
import type { Protocol } from './service-catalog.ts';
import { modelOf, type ServiceModel } from './service-model.ts';

const constructors: Readonly<Record<Protocol, new (model: ServiceModel) => ServiceProtocol>> = {
  json: JsonProtocol,
  query: QueryProtocol,
  cbor: CborProtocol,
  'amz-cbor': AmzCborProtocol,
  'rest-json': RestJsonProtocol,
  'rest-xml': RestXmlProtocol,
};

/** A service's model and the protocols that its callers have used so far. */
export interface LoadedService {
  readonly model: ServiceModel;
  protocol(protocol: Protocol): ServiceProtocol;
}

const loadedFrom = (model: ServiceModel): LoadedService => {
  const protocols = new Map<Protocol, ServiceProtocol>();
  return {
    model,
    protocol: (name) => {
      let protocol = protocols.get(name);
      if (protocol === undefined) {
        protocol = new constructors[name](model);
        protocols.set(name, protocol);
      }
      return protocol;
    },
  };
};

export const loadService = async (service: ServiceDescriptor): Promise<LoadedService> =>
  loadedFrom(modelOf(service, await service.sdk()));

/** Stands in for services that nobody plays here, so that refusals still have the caller's protocol. */
export const unplayedService = (serviceName: string): LoadedService =>
  loadedFrom({
    id: serviceName,
    wire: { signingName: serviceName, target: serviceName, protocol: 'json', apiVersion: '' },
    jsonVersion: '1.1',
    xmlNamespace: '',
    isQueryCompatible: false,
    operations: new Map(),
    errors: new Map(),
  });
