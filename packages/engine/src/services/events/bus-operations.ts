import type * as Sdk from '@aws-sdk/client-eventbridge';
import type { EventBus } from '@aws-sdk/client-eventbridge';
import { rootArn } from '@holdfast/aws-model';
import { utf8Length } from '@holdfast/kernel';
import { Constraints, limitedTags, type Operations, operation, readTags, ServiceError } from '../../core/index.ts';
import type { Bus, BusRegistry, StoredBus } from './bus-registry.ts';
import { limitExceeded, validation } from './errors.ts';
import { pageOf } from './paging.ts';
import { busArnOf, DEFAULT_BUS } from './rule.ts';

interface PolicyDocument {
  readonly Version: string;
  readonly Statement: readonly { readonly Sid?: string }[];
}

/** Values of bus options that AWS stores; none of them changes what a local bus does. */
const options = ({ description, kmsKeyIdentifier, deadLetterArn }: StoredBus) => ({
  ...(description === undefined ? {} : { Description: description }),
  ...(kmsKeyIdentifier === undefined ? {} : { KmsKeyIdentifier: kmsKeyIdentifier }),
  ...(deadLetterArn === undefined ? {} : { DeadLetterConfig: { Arn: deadLetterArn } }),
});

const describe = ({ stored }: Bus): EventBus => ({
  Name: stored.name,
  Arn: stored.arn,
  ...(stored.description === undefined ? {} : { Description: stored.description }),
  ...(stored.policy === undefined ? {} : { Policy: stored.policy }),
  CreationTime: new Date(stored.createdAt),
  LastModifiedTime: new Date(stored.modifiedAt),
});

/** Operations on event buses and their resource policies. */
export const busOperations = (registry: BusRegistry): Operations<typeof Sdk> => ({
  CreateEventBus: operation(
    ['Name', 'Description', 'KmsKeyIdentifier', 'DeadLetterConfig', 'Tags'],
    (input, context) => {
      new Constraints()
        .required('name', input.Name)
        .length('name', input.Name, 1, 256)
        .pattern('name', input.Name, /^[/.\-_A-Za-z0-9]*$/, '[/\\.\\-_A-Za-z0-9]+')
        .length('description', input.Description, 0, 512)
        .check();
      const name = input.Name as string;
      if (registry.find(context.account, context.region, name) !== undefined) {
        throw new ServiceError('ResourceAlreadyExistsException', `Event bus ${name} already exists.`, 400);
      }
      if (name.includes('/')) throw validation("Event bus name must not contain '/'.");
      const stored: StoredBus = {
        arn: busArnOf(context.account, context.region, name),
        name,
        account: context.account,
        region: context.region,
        createdAt: context.now,
        modifiedAt: context.now,
        description: input.Description,
        kmsKeyIdentifier: input.KmsKeyIdentifier,
        deadLetterArn: input.DeadLetterConfig?.Arn,
        tags: limitedTags(readTags(input.Tags), limitExceeded),
      };
      registry.putBus(stored);
      return { EventBusArn: stored.arn, ...options(stored) };
    },
  ),
  UpdateEventBus: operation(['Name', 'Description', 'KmsKeyIdentifier', 'DeadLetterConfig'], (input, context) => {
    const bus = registry.get(context.account, context.region, input.Name);
    const stored: StoredBus = {
      ...bus.stored,
      modifiedAt: context.now,
      description: input.Description ?? bus.stored.description,
      kmsKeyIdentifier: input.KmsKeyIdentifier ?? bus.stored.kmsKeyIdentifier,
      deadLetterArn: input.DeadLetterConfig === undefined ? bus.stored.deadLetterArn : input.DeadLetterConfig.Arn,
    };
    registry.putBus(stored);
    return { Arn: stored.arn, Name: stored.name, ...options(stored) };
  }),
  DeleteEventBus: operation(['Name'], (input, context) => {
    const { account, region } = context;
    if (input.Name === DEFAULT_BUS) throw validation('Cannot delete event bus default.');
    const bus = registry.find(account, region, input.Name ?? '');
    if (bus === undefined) return {};
    if (bus.rules.size > 0) throw validation(`Event bus ${bus.stored.name} can't be deleted since it has rules.`);
    registry.deleteBus(bus);
    return {};
  }),
  DescribeEventBus: operation(['Name'], (input, context) => {
    const bus = registry.get(context.account, context.region, input.Name);
    return { ...describe(bus), ...options(bus.stored) };
  }),
  ListEventBuses: operation(['NamePrefix', 'NextToken', 'Limit'], (input, context) => {
    const buses = registry
      .buses(context.account, context.region)
      .filter(({ stored }) => stored.name.startsWith(input.NamePrefix ?? ''));
    const { page, ...next } = pageOf(buses, ({ stored }) => stored.name, input.NextToken, input.Limit);
    return { EventBuses: page.map(describe), ...next };
  }),
  PutPermission: operation(
    ['EventBusName', 'Action', 'Principal', 'StatementId', 'Condition', 'Policy'],
    (input, context) => {
      const bus = registry.get(context.account, context.region, input.EventBusName);
      let policy = input.Policy;
      if (policy === undefined) {
        const { Action, Principal, StatementId, Condition } = input;
        new Constraints()
          .required('action', Action)
          .required('principal', Principal)
          .required('statementId', StatementId)
          .pattern('principal', Principal, /^(\d{12}|\*)$/, '(\\d{12}|\\*)')
          .length('statementId', StatementId, 1, 64)
          .check();
        const statement = {
          Sid: StatementId as string,
          Effect: 'Allow',
          Principal: Principal === '*' ? '*' : { AWS: rootArn(Principal as string) },
          Action,
          Resource: bus.stored.arn,
          ...(Condition === undefined
            ? {}
            : { Condition: { [Condition.Type as string]: { [Condition.Key as string]: Condition.Value } } }),
        };
        const known = parsePolicy(bus.stored.policy)?.Statement.filter(({ Sid }) => Sid !== StatementId) ?? [];
        policy = JSON.stringify({ Version: '2012-10-17', Statement: [...known, statement] });
      } else if (parsePolicy(policy) === undefined) {
        throw validation('Parameter Policy is not valid.');
      }
      if (utf8Length(policy) > 10_240) {
        throw new ServiceError('PolicyLengthExceededException', 'The event bus policy is too long.', 400);
      }
      registry.putBus({ ...bus.stored, policy, modifiedAt: context.now });
      return {};
    },
  ),
  RemovePermission: operation(['StatementId', 'RemoveAllPermissions', 'EventBusName'], (input, context) => {
    const bus = registry.get(context.account, context.region, input.EventBusName);
    if (input.RemoveAllPermissions === true) {
      registry.putBus({ ...bus.stored, policy: undefined, modifiedAt: context.now });
      return {};
    }
    // Without any policy AWS says the same as without that statement.
    const document = parsePolicy(bus.stored.policy);
    const kept = document?.Statement.filter(({ Sid }) => Sid !== input.StatementId) ?? [];
    if (document === undefined || kept.length === document.Statement.length) {
      throw new ServiceError('ResourceNotFoundException', 'Statement with the provided id does not exist.', 400);
    }
    const policy = kept.length === 0 ? undefined : JSON.stringify({ ...document, Statement: kept });
    registry.putBus({ ...bus.stored, policy, modifiedAt: context.now });
    return {};
  }),
});

const parsePolicy = (text: string | undefined): PolicyDocument | undefined => {
  if (text === undefined) return undefined;
  try {
    const document = JSON.parse(text) as { Version?: string; Statement?: unknown };
    if (typeof document !== 'object' || document === null || document.Statement === undefined) return undefined;
    return { Version: document.Version ?? '2012-10-17', Statement: [document.Statement].flat() as { Sid?: string }[] };
  } catch {
    return undefined;
  }
};
