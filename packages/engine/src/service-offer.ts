import { invariant } from '@holdfast/kernel';
import type { HttpRoute, RoutePlace, Service, ServiceDescriptor } from './core/index.ts';

const placeOf = ({ path = '', hostLabel = '' }: RoutePlace | HttpRoute): string => `${path}|${hostLabel}`;

const same = (offered: readonly string[], had: readonly string[]): boolean =>
  offered.length === had.length && had.every((name) => offered.includes(name));

/** What a service was known by before it was made, and what it has: where they differ, somebody would ask in vain. */
export const checkOffer = ({ id, offers = {} }: ServiceDescriptor, service: Service): void => {
  const { targets = [], lends = [], routes = [] } = offers;
  const isSo =
    same(targets, Object.keys(service.targets ?? {})) &&
    same(lends, Object.keys(service.lends ?? {})) &&
    same(routes.map(placeOf), (service.routes ?? []).map(placeOf));
  invariant(isSo, `the descriptor of ${id} offers the targets, routes and what is lent that its service has`);
};
