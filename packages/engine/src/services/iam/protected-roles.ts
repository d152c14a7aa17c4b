import { unmodifiable } from './errors.ts';
import type { StoredRole } from './stored.ts';

/** Paths of roles that are linked to a service begin so, and no others. */
export const LINKED_PATH = '/aws-service-role/';

export const isLinked = ({ path }: StoredRole): boolean => path.startsWith(LINKED_PATH);

/** @throws UnmodifiableEntity for a role that only its service may change */
export const checkChangeable = (role: StoredRole): void => {
  if (isLinked(role)) throw unmodifiable(role.name);
};
