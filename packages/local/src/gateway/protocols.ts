import { AmzCborProtocol, CborProtocol } from './protocol/cbor-protocol.ts';
import { JsonProtocol } from './protocol/json-protocol.ts';
import type { ServiceProtocol } from './protocol/protocol.ts';
import { QueryProtocol } from './protocol/query-protocol.ts';
import { RestJsonProtocol } from './protocol/rest-json-protocol.ts';
import { RestXmlProtocol } from './protocol/rest-xml-protocol.ts';
import type { CatalogEntry, Protocol } from './service-catalog.ts';
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

export const loadService = async (entry: CatalogEntry): Promise<LoadedService> =>
  loadedFrom(modelOf(entry, await entry.load()));

/** Stands in for services that nobody plays here, so that refusals still have the caller's protocol. */
export const unplayedService = (serviceName: string): LoadedService =>
  loadedFrom({
    entry: {
      id: serviceName,
      signingName: serviceName,
      target: serviceName,
      fallback: 'json',
      jsonVersion: '1.1',
      apiVersion: '',
      xmlNamespace: '',
      load: async () => ({}),
    },
    operations: new Map(),
    errors: new Map(),
  });
