import type * as Sdk from '@aws-sdk/client-apigatewayv2';
import { type Operations, operation, type RequestContext } from '../../core/index.ts';
import { badRequest, notFound } from './errors.ts';
import { own } from './lists.ts';
import type { ApiRegistry } from './registry.ts';

const ARN = /^arn:[^:]+:apigateway:([^:]+):[^:]*:\/apis\/([a-z0-9]+)(?:\/stages\/([^/]+))?$/;

type Tags = Readonly<Record<string, string>>;

/** Tags of APIs and stages, by ARN. */
export const tagOperations = (registry: ApiRegistry): Operations<typeof Sdk> => {
  const tagged = (context: RequestContext, arn: string | undefined) => {
    const [, region, apiId, stageName] = ARN.exec(arn ?? '') ?? [];
    if (apiId === undefined || region !== context.region)
      throw badRequest('Invalid resource ARN specified in the request');
    const api = registry.get(context, apiId);
    if (stageName === undefined) {
      return { tags: api.tags, save: (tags: Tags) => registry.save({ ...api, tags }) };
    }
    if (own(api.stages, stageName) === undefined) throw notFound('stage', stageName);
    return {
      tags: own(api.stageTags, stageName) ?? {},
      save: (tags: Tags) => registry.save({ ...api, stageTags: { ...api.stageTags, [stageName]: tags } }),
    };
  };

  return {
    TagResource: operation(['ResourceArn', 'Tags'], (input, context) => {
      const { tags, save } = tagged(context, input.ResourceArn);
      save({ ...tags, ...input.Tags });
      return {};
    }),
    UntagResource: operation(['ResourceArn', 'TagKeys'], (input, context) => {
      const { tags, save } = tagged(context, input.ResourceArn);
      save(Object.fromEntries(Object.entries(tags).filter(([key]) => !(input.TagKeys ?? []).includes(key))));
      return {};
    }),
    GetTags: operation(['ResourceArn'], (input, context) => ({ Tags: { ...tagged(context, input.ResourceArn).tags } })),
  };
};
