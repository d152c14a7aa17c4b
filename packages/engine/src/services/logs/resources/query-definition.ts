import type { MemberShapes, PropertiesOf, ResourceContext, ResourceType } from '../../../core/index.ts';
import { unlessMissing } from '../../../core/index.ts';

const SHAPE = {
  LogGroupNames: ['string'],
  Name: 'string',
  QueryLanguage: 'string',
  QueryString: 'string',
} as const satisfies MemberShapes;

const REQUIRED = ['Name', 'QueryString'] as const;
type QueryDefinitionProperties = PropertiesOf<typeof SHAPE, typeof REQUIRED>;

const put = async (known: string | undefined, properties: QueryDefinitionProperties, context: ResourceContext) => {
  const { LogGroupNames, Name, QueryLanguage, QueryString } = properties;
  const { queryDefinitionId } = (await context.call('logs', 'PutQueryDefinition', {
    name: Name,
    queryString: QueryString,
    ...(known === undefined ? {} : { queryDefinitionId: known }),
    ...(LogGroupNames === undefined ? {} : { logGroupNames: LogGroupNames }),
    ...(QueryLanguage === undefined ? {} : { queryLanguage: QueryLanguage }),
  })) as { queryDefinitionId: string };
  return { physicalId: queryDefinitionId, attributes: { QueryDefinitionId: queryDefinitionId } };
};

export const logsQueryDefinition: ResourceType<QueryDefinitionProperties> = {
  type: 'AWS::Logs::QueryDefinition',
  properties: SHAPE,
  required: REQUIRED,
  attributes: ['QueryDefinitionId'],
  create: (properties, context) => put(undefined, properties, context),
  update: ({ physicalId }, properties, context) => put(physicalId, properties, context),
  async delete({ physicalId: queryDefinitionId }, context) {
    await unlessMissing(context.call('logs', 'DeleteQueryDefinition', { queryDefinitionId }));
  },
};
