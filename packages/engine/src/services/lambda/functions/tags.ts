import type * as Sdk from '@aws-sdk/client-lambda';
import {
  areTooManyTags,
  Constraints,
  isElsewhere,
  notSupported,
  type Operations,
  operation,
  type RequestContext,
  type TaggedResource,
  withoutTags,
} from '../../../core/index.ts';
import { functionNotFound, invalidParameter, notFound } from '../errors.ts';
import { mappingUuidOf } from '../mappings/event-source-mappings.ts';
import type { MappingRegistry } from '../mappings/mapping-registry.ts';
import { parseLocator } from '../names.ts';
import type { LambdaParts } from '../parts.ts';

const RESOURCE =
  /^arn:aws[a-zA-Z-]*:lambda:(eusc-)?[a-z]{2}(-gov|-iso[a-z]?)?-[a-z]+-\d:\d{12}:(function:[a-zA-Z0-9-_]+(:(\$LATEST|[a-zA-Z0-9-_]+))?|layer:[a-zA-Z0-9-_]+|code-signing-config:csc-[a-z0-9]{17}|event-source-mapping:[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|capacity-provider:[a-zA-Z0-9-_]+)$/;
const SHOWN_RESOURCE = String.raw`arn:(aws[a-zA-Z-]*):lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:(function:[a-zA-Z0-9-_]+(:(\$LATEST|[a-zA-Z0-9-_]+))?|layer:([a-zA-Z0-9-_]+)|code-signing-config:csc-[a-z0-9]{17}|event-source-mapping:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|capacity-provider:[a-zA-Z0-9-_]+)`;

/** @throws ServiceError for more tags than a resource may have */
export const checkTagCount = (tags: Readonly<Record<string, string>> | undefined): void => {
  if (areTooManyTags(Object.keys(tags ?? {}))) throw invalidParameter('Number of tags exceeds resource tag limit.');
};

/** Tags of functions and event source mappings. */
export const tagOperations = (
  { environment, registry }: LambdaParts,
  mappings: MappingRegistry,
): Operations<typeof Sdk> => {
  const taggedBy = (resource: string | undefined, context: RequestContext): TaggedResource => {
    new Constraints().required('resource', resource).check();
    const arn = resource as string;
    if (!RESOURCE.test(arn)) {
      new Constraints()
        .fail('resource', arn, `Member must satisfy regular expression pattern: ${SHOWN_RESOURCE}`)
        .check();
    }
    const uuid = mappingUuidOf(arn);
    if (uuid !== undefined) {
      const mapping = isElsewhere(arn, context) ? undefined : mappings.get(uuid);
      if (mapping === undefined) throw notFound(`Event source mapping not found: ${arn}`);
      return { tags: mapping.tags, save: (tags) => mappings.retag({ ...mapping, tags }) };
    }
    if (!arn.includes(':function:')) throw notSupported('tags of anything but functions and event source mappings');
    const locator = parseLocator(arn, '', '');
    if (locator?.qualifier !== undefined) {
      throw invalidParameter('Tags on function aliases and versions are not supported. Please specify a function ARN.');
    }
    const record = isElsewhere(arn, context) ? undefined : registry.get(locator?.arn ?? '');
    if (record === undefined) throw functionNotFound(arn);
    return {
      tags: record.tags,
      save: (tags) => {
        record.tags = tags;
        record.latest = { ...record.latest, revisionId: environment.ids.uuid() };
        registry.save(record);
      },
    };
  };

  return {
    TagResource: operation(['Resource', 'Tags'], (input, context) => {
      const tagged = taggedBy(input.Resource, context);
      if (Object.keys(input.Tags ?? {}).length === 0) {
        throw invalidParameter('An error occurred and the request cannot be processed.');
      }
      const tags = { ...tagged.tags, ...input.Tags };
      checkTagCount(tags);
      tagged.save(tags);
      return {};
    }),

    UntagResource: operation(['Resource', 'TagKeys'], (input, context) => {
      // An empty list leaves no trace in the address of the request.
      if ((input.TagKeys?.length ?? 0) === 0) new Constraints().required('tagKeys', undefined).check();
      const tagged = taggedBy(input.Resource, context);
      tagged.save(withoutTags(tagged.tags, input.TagKeys));
      return {};
    }),

    ListTags: operation(['Resource'], (input, context) => ({
      Tags: { ...taggedBy(input.Resource, context).tags },
    })),
  };
};
