import type { AnyResourceType, DeploymentPlace, Json } from '@holdfast/engine';
import { notSupported, ServiceError } from '@holdfast/engine';
import { unknownSources } from '../dynamic-references.ts';
import { validationError } from '../errors.ts';
import { ResourceTypeTable } from '../resources/custom-resource.ts';
import { unmodelledMembers } from '../shape.ts';
import { dependencyOrder } from './dependency-order.ts';
import { referencesOf } from './intrinsics.ts';
import type { Template, TemplateResource } from './template.ts';

export const PSEUDO_PARAMETERS = [
  'AWS::AccountId',
  'AWS::NotificationARNs',
  'AWS::NoValue',
  'AWS::Partition',
  'AWS::Region',
  'AWS::StackId',
  'AWS::StackName',
  'AWS::URLSuffix',
];

export type ResourceTypes = Pick<ResourceTypeTable, 'get' | 'keys'>;

/** Every resource type that can be deployed, by name. */
export const resourceTypesOf = (resourceTypes: readonly AnyResourceType[]): ResourceTypes =>
  new ResourceTypeTable(resourceTypes.map((type) => [type.type, type]));

/**
 * @param place where the stack is about to be, once that is known
 * @param isWanted tells by the name of its condition whether a resource will be part of the stack
 * @throws NotSupportedByHoldfast naming everything that cannot be deployed
 */
export const checkModelled = (
  template: Template,
  types: ResourceTypes,
  isWanted: (condition: string) => boolean,
  place?: DeploymentPlace,
): void => {
  const refused: string[] = [];
  for (const { logicalId, type, properties, condition } of template.resources.values()) {
    if (condition !== undefined && !isWanted(condition)) continue;
    const known = types.get(type);
    for (const source of unknownSources(JSON.stringify(properties))) {
      refused.push(`dynamic references to ${source} (resource ${logicalId})`);
    }
    if (known === undefined) refused.push(`the resource type ${type} (resource ${logicalId})`);
    else {
      for (const path of unmodelledMembers(known.properties, properties, '')) {
        refused.push(`${type} with ${path} (resource ${logicalId})`);
      }
      const inPlace = place === undefined ? [] : (known.refusesIn?.(properties, place) ?? []);
      for (const path of [...(known.refuses?.(properties) ?? []), ...inPlace]) {
        refused.push(`${type} with ${path} (resource ${logicalId})`);
      }
    }
  }
  if (refused.length > 0) throw notSupported(refused.join(', '));
};

const mayHave = (type: AnyResourceType | undefined, attribute: string): boolean =>
  type === undefined ||
  type.attributes.includes(attribute) ||
  (type.attributePrefix !== undefined && attribute.startsWith(type.attributePrefix));

const UNRESOLVED = 'Unresolved resource dependencies';

const unresolved = (what: string, names: readonly string[], block: 'Resources' | 'Outputs'): ServiceError =>
  validationError(`${what} [${names.join(', ')}] in the ${block} block of the template`);

const checkReferences = (template: Template, types: ResourceTypes): void => {
  const missing = new Set<string>();
  const checkValue = (value: Json, condition: string | undefined): void => {
    const { refs, attributes, conditions } = referencesOf(value);
    for (const name of refs) {
      if (
        !template.resources.has(name) &&
        !Object.hasOwn(template.parameters, name) &&
        !PSEUDO_PARAMETERS.includes(name)
      ) {
        missing.add(name);
      }
    }
    for (const text of attributes) {
      const dot = text.indexOf('.');
      const [logicalId, attribute] = [text.slice(0, dot), text.slice(dot + 1)];
      const resource = template.resources.get(logicalId);
      if (resource === undefined) missing.add(logicalId);
      else if (attribute !== '*' && !mayHave(types.get(resource.type), attribute)) {
        throw validationError(
          `Template error: resource ${logicalId} does not support attribute type ${attribute} in Fn::GetAtt`,
        );
      }
    }
    for (const name of condition === undefined ? conditions : [...conditions, condition]) {
      if (!Object.hasOwn(template.conditions, name)) {
        throw validationError(`Template format error: Unresolved condition dependency ${name} in the template`);
      }
    }
  };
  for (const { logicalId, properties, dependsOn, condition } of template.resources.values()) {
    checkValue(properties, condition);
    for (const name of dependsOn) {
      if (!template.resources.has(name)) missing.add(name);
      if (name === logicalId) throw validationError(`Circular dependency between resources: [${logicalId}]`);
    }
  }
  if (missing.size > 0) throw unresolved(`Template format error: ${UNRESOLVED}`, [...missing], 'Resources');
  for (const { value, exportName, condition } of Object.values(template.outputs)) {
    checkValue([value, exportName ?? ''], condition);
  }
  if (missing.size > 0) throw unresolved(`Template format error: ${UNRESOLVED}`, [...missing], 'Outputs');
};

/**
 * Refuses what refers to a resource whose condition does not hold.
 *
 * @throws ServiceError ValidationError naming the resources
 */
export const checkWanted = (template: Template, holds: (condition: string) => boolean): void => {
  const isWanted = ({ condition }: { readonly condition?: string | undefined }): boolean =>
    condition === undefined || holds(condition);
  const unwanted = (values: readonly Json[]): readonly string[] => {
    const { refs, attributes } = referencesOf(values, holds);
    const named = new Set([...refs, ...[...attributes].map((text) => text.slice(0, text.indexOf('.')))]);
    return [...named].filter((name) => {
      const resource = template.resources.get(name);
      return resource !== undefined && !isWanted(resource);
    });
  };
  const inResources = unwanted([...template.resources.values()].filter(isWanted).map(({ properties }) => properties));
  if (inResources.length > 0) throw unresolved(`Template format error: ${UNRESOLVED}`, inResources, 'Resources');
  const inOutputs = unwanted(
    Object.values(template.outputs)
      .filter(isWanted)
      .flatMap(({ value, exportName }) => [value, exportName ?? '']),
  );
  // Here, and only here, AWS leaves the first words out.
  if (inOutputs.length > 0) throw unresolved(UNRESOLVED, inOutputs, 'Outputs');
};

const isNamed = (resource: TemplateResource, types: ResourceTypes): boolean => {
  const name = types.get(resource.type)?.nameProperty;
  return name !== undefined && resource.properties[name] !== undefined;
};

/** The capabilities that a template asks for. */
export const capabilitiesOf = (template: Template, types: ResourceTypes): readonly string[] => {
  const iam = [...template.resources.values()].filter(({ type }) => types.get(type)?.isIam === true);
  if (iam.length === 0) return [];
  return [iam.some((resource) => isNamed(resource, types)) ? 'CAPABILITY_NAMED_IAM' : 'CAPABILITY_IAM'];
};

/** @throws InsufficientCapabilitiesException when the caller has not acknowledged what the template does with IAM */
export const checkCapabilities = (
  template: Template,
  types: ResourceTypes,
  given: readonly string[] | undefined,
): void => {
  const lacking = capabilitiesOf(template, types).filter(
    (needed) => given?.includes(needed) !== true && given?.includes('CAPABILITY_NAMED_IAM') !== true,
  );
  if (lacking.length > 0) {
    throw new ServiceError('InsufficientCapabilitiesException', `Requires capabilities : [${lacking.join(', ')}]`, 400);
  }
};

/**
 * Refuses, before anything is created, whatever could not be deployed: types, properties, functions and references that are unknown, and circles. Resources with a condition are left to
 * {@link checkModelled}, which needs to know which of them there will be.
 */
export const checkTemplate = (template: Template, types: ResourceTypes): void => {
  checkModelled(template, types, () => false);
  checkReferences(template, types);
  dependencyOrder(template.resources);
  for (const { type, properties, logicalId } of template.resources.values()) {
    const lacking = (types.get(type)?.required ?? []).filter((name: string) => properties[name] === undefined);
    if (lacking.length > 0) {
      throw validationError(
        `Properties validation failed for resource ${logicalId} with message: ${lacking.map((name: string) => `#: required key [${name}] not found`).join(', ')}`,
      );
    }
  }
};
