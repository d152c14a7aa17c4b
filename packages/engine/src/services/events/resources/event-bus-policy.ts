import { lastNameIn } from '@holdfast/aws-model';
import type { MemberShapes, PropertiesOf, ResourceContext, ResourceType } from '../../../core/index.ts';
import { unlessMissing } from '../../../core/index.ts';

const SHAPE = {
  Action: 'string',
  Condition: { Key: 'string', Type: 'string', Value: 'string' },
  EventBusName: 'string',
  Principal: 'string',
  Statement: 'json',
  StatementId: 'string',
} as const satisfies MemberShapes;

const REQUIRED = ['StatementId'] as const;
type EventBusPolicyProperties = PropertiesOf<typeof SHAPE, typeof REQUIRED>;

const busOf = ({ EventBusName }: EventBusPolicyProperties): string => EventBusName ?? 'default';

interface Named {
  readonly Sid?: string;
}

/** A policy of one statement needs no list. */
const statementsOf = (policy = '{"Statement":[]}'): readonly Named[] =>
  [(JSON.parse(policy) as { readonly Statement: Named | readonly Named[] }).Statement].flat();

/** One statement of a bus's policy; the others are left as they are, also those that another stack adds at the same time. */
const write = (properties: EventBusPolicyProperties, context: ResourceContext, work: () => Promise<unknown>) =>
  context.alone(`policy of bus ${lastNameIn(busOf(properties))}`, work);

const put = async (properties: EventBusPolicyProperties, context: ResourceContext) => {
  const { StatementId, Statement, Action, Principal, Condition } = properties;
  const EventBusName = busOf(properties);
  await write(properties, context, async () => {
    if (Statement === undefined) {
      const given = { Action, Principal, ...(Condition === undefined ? {} : { Condition }) };
      await context.call('events', 'PutPermission', { EventBusName, StatementId, ...given });
      return;
    }
    const { Policy } = await context.call<{ Policy?: string }>('events', 'DescribeEventBus', { Name: EventBusName });
    const others = statementsOf(Policy).filter(({ Sid }) => Sid !== StatementId);
    const document = { Version: '2012-10-17', Statement: [...others, { ...Statement, Sid: StatementId }] };
    await context.call('events', 'PutPermission', { EventBusName, Policy: JSON.stringify(document) });
  });
  return { physicalId: `${EventBusName}|${StatementId}`, attributes: {} };
};

export const eventsEventBusPolicy: ResourceType<EventBusPolicyProperties> = {
  type: 'AWS::Events::EventBusPolicy',
  properties: SHAPE,
  required: REQUIRED,
  createOnly: ['EventBusName', 'StatementId'],
  refuses: ({ Statement, ...others }) =>
    Statement === undefined
      ? []
      : ['Action', 'Condition', 'Principal'].filter((name) => name in others).map((name) => `${name} beside Statement`),
  attributes: [],
  create: put,
  update: (_existing, properties, context) => put(properties, context),
  async delete({ properties }, context) {
    const { StatementId } = properties;
    const remove = () => context.call('events', 'RemovePermission', { EventBusName: busOf(properties), StatementId });
    await unlessMissing(write(properties, context, remove));
  },
};
