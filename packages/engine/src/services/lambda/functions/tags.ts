import type {
  ListTagsCommandInput,
  ListTagsCommandOutput,
  TagResourceCommandInput,
  TagResourceCommandOutput,
  UntagResourceCommandInput,
  UntagResourceCommandOutput,
} from '@aws-sdk/client-lambda';
import { Constraints, type OperationTable, operation } from '../../../core/index.ts';
import { functionNotFound, invalidParameter, notFound } from '../errors.ts';
import { mappingUuidOf } from '../mappings/event-source-mappings.ts';
import type { MappingRegistry } from '../mappings/mapping-registry.ts';
import { parseLocator } from '../names.ts';
import type { LambdaParts } from '../parts.ts';

/** Tags per resource. */
const TAGS_MAX = 50;

/** Something with tags: how they are read and replaced. */
interface Tagged {
  readonly tags: Readonly<Record<string, string>>;
  replace(tags: Record<string, string>): void;
}

/** Tags of functions and event source mappings. */
export const tagOperations = ({ registry }: LambdaParts, mappings: MappingRegistry): OperationTable => {
  const taggedBy = (resource: string | undefined): Tagged => {
    new Constraints().required('resource', resource).check();
    const arn = resource as string;
    const uuid = mappingUuidOf(arn);
    if (uuid !== undefined) {
      const mapping = mappings.get(uuid);
      if (mapping === undefined) throw notFound('The resource you requested does not exist.');
      return { tags: mapping.tags, replace: (tags) => mappings.retag({ ...mapping, tags }) };
    }
    const locator = parseLocator(arn, '', '');
    if (locator === undefined || !arn.startsWith('arn:')) {
      const shown = String.raw`arn:(aws[a-zA-Z-]*):lambda:[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:(function:[a-zA-Z0-9-_]+(:(\$LATEST|[a-zA-Z0-9-_]+))?|layer:([a-zA-Z0-9-_]+)|code-signing-config:csc-[a-z0-9]{17}|event-source-mapping:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})`;
      new Constraints().fail('resource', arn, `Member must satisfy regular expression pattern: ${shown}`).check();
    }
    if (locator?.qualifier !== undefined) {
      throw invalidParameter('Tags on function aliases and versions are not supported. Please specify a function ARN.');
    }
    const record = registry.get(locator?.arn ?? '');
    if (record === undefined) throw functionNotFound(arn);
    return {
      tags: record.tags,
      replace: (tags) => {
        record.tags = tags;
        registry.save(record);
      },
    };
  };

  return {
    TagResource: operation<TagResourceCommandInput, TagResourceCommandOutput>(['Resource', 'Tags'], (input) => {
      const tagged = taggedBy(input.Resource);
      if (Object.keys(input.Tags ?? {}).length === 0) {
        throw invalidParameter('An error occurred and the request cannot be processed.');
      }
      const tags = { ...tagged.tags, ...input.Tags };
      if (Object.keys(tags).length > TAGS_MAX) throw invalidParameter('Number of tags exceeds resource tag limit.');
      tagged.replace(tags);
      return {};
    }),

    UntagResource: operation<UntagResourceCommandInput, UntagResourceCommandOutput>(
      ['Resource', 'TagKeys'],
      (input) => {
        const tagged = taggedBy(input.Resource);
        const gone = new Set(input.TagKeys);
        tagged.replace(Object.fromEntries(Object.entries(tagged.tags).filter(([key]) => !gone.has(key))));
        return {};
      },
    ),

    ListTags: operation<ListTagsCommandInput, ListTagsCommandOutput>(['Resource'], (input) => ({
      Tags: { ...taggedBy(input.Resource).tags },
    })),
  };
};
