import {
  type OperationTable,
  type RequestContext,
  resourceTagOperations,
  TAGS_IN_MAP,
  type TagSpelling,
  type Tags,
} from '../../core/index.ts';
import { badRequest, notFound } from './errors.ts';
import { own } from './lists.ts';
import type { ApiRegistry } from './registry.ts';

const ARN = /^arn:[^:]+:apigateway:([^:]+):[^:]*:\/apis\/([a-z0-9]+)(?:\/stages\/([^/]+))?$/;

const SPELLING: TagSpelling = {
  ...TAGS_IN_MAP,
  arn: 'ResourceArn',
  tags: 'Tags',
  keys: 'TagKeys',
  list: 'GetTags',
};

/** Tags of APIs and stages, by ARN. */
export const tagOperations = (registry: ApiRegistry): OperationTable => {
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

  return resourceTagOperations(tagged, badRequest, SPELLING);
};
