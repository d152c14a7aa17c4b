import { validationError } from '../errors.ts';
import { referencesOf } from './intrinsics.ts';
import type { TemplateResource } from './template.ts';

/** What a resource needs to exist before it: `DependsOn` and everything its properties refer to. */
export const dependenciesOf = (resource: TemplateResource): ReadonlySet<string> => {
  const { refs, attributes } = referencesOf(resource.properties);
  return new Set([
    ...resource.dependsOn,
    ...refs,
    ...[...attributes].map((attribute) => attribute.slice(0, attribute.indexOf('.'))),
  ]);
};

/** What lets somebody in. */
const isGrant = ({ type }: TemplateResource): boolean => /(?:Permission|Policy)$/.test(type);

/**
 * Orders resources so that each comes after what it needs; otherwise the template's order stays, but for what lets
 * somebody in. On AWS whatever needs nothing is made at once, and a subscription finds the permission that nobody
 * made it wait for.
 *
 * @throws ValidationError naming every resource on a circle
 */
export const dependencyOrder = (resources: ReadonlyMap<string, TemplateResource>): readonly string[] => {
  const ordered: string[] = [];
  const state = new Map<string, 'entered' | 'done'>();
  const path: string[] = [];
  const visit = (logicalId: string): void => {
    if (state.get(logicalId) === 'done') return;
    if (state.get(logicalId) === 'entered') {
      const circle = path.slice(path.indexOf(logicalId)).sort();
      throw validationError(`Circular dependency between resources: [${circle.join(', ')}]`);
    }
    state.set(logicalId, 'entered');
    path.push(logicalId);
    for (const needed of dependenciesOf(resources.get(logicalId) as TemplateResource)) {
      if (resources.has(needed)) visit(needed);
    }
    path.pop();
    state.set(logicalId, 'done');
    ordered.push(logicalId);
  };
  for (const [logicalId, resource] of resources) if (isGrant(resource)) visit(logicalId);
  for (const logicalId of resources.keys()) visit(logicalId);
  return ordered;
};
