import type * as Sdk from '@aws-sdk/client-ssm';
import {
  Constraints,
  notSupported,
  type Operations,
  operation,
  type RequestContext,
  ServiceError,
  withoutListedTags,
} from '../../core/index.ts';
import type { Parameter, ParameterStore } from './parameter-store.ts';
import { mergedTags } from './write-parameter.ts';

/** Tags of parameters. */
export const tagOperations = (store: ParameterStore): Operations<typeof Sdk> => {
  const tagged = (
    input: { readonly ResourceType: string | undefined; readonly ResourceId: string | undefined },
    context: RequestContext,
  ): Parameter => {
    new Constraints().required('resourceType', input.ResourceType).required('resourceId', input.ResourceId).check();
    if (input.ResourceType !== 'Parameter') throw notSupported(`tags of SSM resource type ${input.ResourceType}`);
    const parameter = store.find(input.ResourceId as string, context);
    if (parameter !== undefined) return parameter;
    throw new ServiceError(
      'InvalidResourceId',
      'The resource ID is not valid. Verify that you entered the correct ID and try again.',
      400,
    );
  };
  return {
    AddTagsToResource: operation(['ResourceType', 'ResourceId', 'Tags'], (input, context) => {
      const parameter = tagged(input, context);
      store.put({ ...parameter, tags: mergedTags(parameter.tags, input.Tags) });
      return {};
    }),
    RemoveTagsFromResource: operation(['ResourceType', 'ResourceId', 'TagKeys'], (input, context) => {
      const parameter = tagged(input, context);
      store.put({ ...parameter, tags: withoutListedTags(parameter.tags, input.TagKeys) });
      return {};
    }),
    ListTagsForResource: operation(['ResourceType', 'ResourceId'], (input, context) => ({
      TagList: [...tagged(input, context).tags],
    })),
  };
};
