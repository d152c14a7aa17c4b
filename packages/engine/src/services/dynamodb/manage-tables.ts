import type {
  CreateTableCommandInput,
  CreateTableCommandOutput,
  DeleteTableCommandInput,
  DeleteTableCommandOutput,
  DescribeContinuousBackupsCommandOutput,
  ListTablesCommandInput,
  ListTablesCommandOutput,
  UpdateContinuousBackupsCommandInput,
  UpdateTableCommandInput,
  UpdateTableCommandOutput,
  UpdateTimeToLiveCommandInput,
  UpdateTimeToLiveCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { HOUR_MS } from '@holdfast/kernel';
import { Constraints, type RequestContext, type Result, refuseUnmodelled, ServiceError } from '../../core/index.ts';
import { readBilling } from './billing.ts';
import { indexShape, readGlobalIndex } from './declare-indexes.ts';
import { declareTable, readEncryption, readStream } from './declare-table.ts';
import { invalid, invalidValue } from './errors.ts';
import type { StoredIndex, StoredTable, Table } from './table.ts';
import { describeTable } from './table-description.ts';
import { type Tables, tableArn } from './tables.ts';

const inUse = (message: string): ServiceError => new ServiceError('ResourceInUseException', message, 400);

export const createTable = (
  tables: Tables,
  input: CreateTableCommandInput,
  context: RequestContext,
  id: string,
): Result<CreateTableCommandOutput> => {
  const stored = declareTable(input, context, id);
  if (tables.find(stored.arn, context) !== undefined) throw inUse(`Table already exists: ${stored.name}`);
  const table = tables.create(stored);
  const viewType = readStream(input.StreamSpecification);
  if (viewType !== undefined) tables.startStream(table, viewType, context.now);
  return { TableDescription: describeTable(table, 'CREATING') };
};

export const deleteTable = (
  tables: Tables,
  input: DeleteTableCommandInput,
  context: RequestContext,
): Result<DeleteTableCommandOutput> => {
  const table = tables.requireNamed(input.TableName, context);
  if (table.stored.isDeletionProtected) {
    throw invalid(
      'Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.',
    );
  }
  const { AttributeDefinitions, KeySchema, CreationDateTime, ...description } = describeTable(table, 'DELETING');
  tables.drop(table, context.now);
  return { TableDescription: description };
};

const TABLES_LISTED_MAX = 100;

export const listTables = (
  tables: Tables,
  input: ListTablesCommandInput,
  context: RequestContext,
): Result<ListTablesCommandOutput> => {
  new Constraints()
    .range('limit', input.Limit, 1, TABLES_LISTED_MAX)
    .pattern('exclusiveStartTableName', input.ExclusiveStartTableName, /^[a-zA-Z0-9_.-]*$/, '[a-zA-Z0-9_.-]+')
    .check();
  const start = input.ExclusiveStartTableName;
  const rest = tables.names(context).filter((name) => start === undefined || name > start);
  const page = rest.slice(0, input.Limit ?? TABLES_LISTED_MAX);
  const last = page[page.length - 1];
  return page.length < rest.length && last !== undefined
    ? { TableNames: page, LastEvaluatedTableName: last }
    : { TableNames: page };
};

type IndexUpdates = NonNullable<UpdateTableCommandInput['GlobalSecondaryIndexUpdates']>;

const updatedIndexes = (base: StoredTable, updates: IndexUpdates): readonly StoredIndex[] => {
  const constraints = new Constraints();
  updates.forEach(({ Create }, position) => {
    const path = `globalSecondaryIndexUpdates.${position + 1}.member.create`;
    if (Create !== undefined) indexShape(constraints, path, Create);
  });
  constraints.check();
  let indexes = base.indexes;
  for (const update of updates) {
    refuseUnmodelled(update, ['Create', 'Update', 'Delete'], 'GlobalSecondaryIndexUpdates');
    const given = [update.Create, update.Update, update.Delete].filter((action) => action !== undefined);
    if (given.length !== 1) throw invalidValue('One of GlobalSecondaryIndexUpdate action must be specified');
    const name = given[0]?.IndexName as string;
    const existing = indexes.find((index) => index.name === name);
    if (update.Create !== undefined) {
      if (existing !== undefined) {
        throw invalidValue('Attempting to create an index which already exists');
      }
      indexes = [...indexes, readGlobalIndex(update.Create, base.billingMode, base.attributes)];
      continue;
    }
    if (existing === undefined || !existing.isGlobal) {
      throw new ServiceError('ResourceNotFoundException', 'Requested resource not found', 400);
    }
    if (update.Delete !== undefined) indexes = indexes.filter((index) => index !== existing);
    else if (update.Update !== undefined) {
      refuseUnmodelled(update.Update, ['IndexName', 'ProvisionedThroughput', 'OnDemandThroughput'], 'Update');
      const changed = readGlobalIndex(
        { ...update.Update, IndexName: name, KeySchema: [...existing.keySchema], Projection: existing.projection },
        base.billingMode,
        base.attributes,
      );
      indexes = indexes.map((index) => (index === existing ? changed : index));
    }
  }
  return indexes;
};

/** Billing, throughput, global indexes, stream, protection, encryption and class; all take effect at once. */
export const updateTable = (
  tables: Tables,
  input: UpdateTableCommandInput,
  context: RequestContext,
): Result<UpdateTableCommandOutput> => {
  const table = tables.requireNamed(input.TableName, context);
  new Constraints()
    .oneOf('billingMode', input.BillingMode, ['PROVISIONED', 'PAY_PER_REQUEST'])
    .oneOf('tableClass', input.TableClass, ['STANDARD', 'STANDARD_INFREQUENT_ACCESS'])
    .check();
  const viewType = readStream(input.StreamSpecification);
  const hasStream = table.stored.stream?.isEnabled === true;
  if (viewType !== undefined && hasStream) {
    throw invalid(`Table already has an enabled stream: TableName: ${table.stored.name}`);
  }
  if (input.StreamSpecification?.StreamEnabled === false && !hasStream) {
    throw invalid(`Table has no stream to disable: TableName: ${table.stored.name}`);
  }
  let changed: StoredTable = table.stored;
  if (input.AttributeDefinitions !== undefined) {
    const known = new Map(changed.attributes.map((definition) => [definition.AttributeName, definition]));
    for (const definition of input.AttributeDefinitions) known.set(definition.AttributeName, definition);
    changed = { ...changed, attributes: [...known.values()] };
  }
  if (input.BillingMode !== undefined || input.ProvisionedThroughput !== undefined) {
    const billing = readBilling(input.BillingMode ?? changed.billingMode, input.ProvisionedThroughput);
    changed = {
      ...changed,
      billingMode: billing.mode,
      throughput: billing.throughput,
      billingModeSetAt:
        billing.mode === 'PAY_PER_REQUEST' ? (changed.billingModeSetAt ?? context.now) : changed.billingModeSetAt,
    };
  }
  if (input.GlobalSecondaryIndexUpdates !== undefined) {
    changed = { ...changed, indexes: updatedIndexes(changed, input.GlobalSecondaryIndexUpdates) };
  }
  if (input.DeletionProtectionEnabled !== undefined) {
    changed = { ...changed, isDeletionProtected: input.DeletionProtectionEnabled };
  }
  if (input.TableClass !== undefined) changed = { ...changed, tableClass: input.TableClass };
  if (input.OnDemandThroughput !== undefined) changed = { ...changed, onDemand: input.OnDemandThroughput };
  if (input.SSESpecification !== undefined) {
    changed = { ...changed, encryption: readEncryption(input.SSESpecification) };
  }
  tables.change(table, withoutUnusedAttributes(changed));
  if (viewType !== undefined) tables.startStream(table, viewType, context.now);
  else if (input.StreamSpecification !== undefined) tables.stopStream(table, context.now);
  for (const name of [...table.indexes.keys()]) {
    if (!changed.indexes.some((index) => index.name === name)) table.indexes.delete(name);
  }
  for (const index of changed.indexes) table.declareIndex(index);
  // Like AWS the answer says that it is under way; whoever looks again sees it done.
  return { TableDescription: describeTable(table, 'UPDATING') };
};

const withoutUnusedAttributes = (stored: StoredTable): StoredTable => {
  const used = new Set(
    [...stored.keySchema, ...stored.indexes.flatMap((index) => index.keySchema)].map((key) => key.AttributeName),
  );
  return { ...stored, attributes: stored.attributes.filter(({ AttributeName }) => used.has(AttributeName)) };
};

/** Turns expiry on or off. AWS takes up to an hour for it; here it is immediate. */
export const updateTimeToLive = (
  tables: Tables,
  input: UpdateTimeToLiveCommandInput,
  context: RequestContext,
): Result<UpdateTimeToLiveCommandOutput> => {
  const specification = input.TimeToLiveSpecification;
  new Constraints()
    .required('timeToLiveSpecification', specification)
    .required('timeToLiveSpecification.attributeName', specification?.AttributeName)
    .required('timeToLiveSpecification.enabled', specification?.Enabled)
    .length('timeToLiveSpecification.attributeName', specification?.AttributeName, 1, 255)
    .check();
  const table = tables.requireNamed(input.TableName, context);
  const attribute = specification?.AttributeName as string;
  const isEnabled = specification?.Enabled === true;
  const current = table.stored.timeToLive?.attribute;
  if (isEnabled && current === attribute) throw invalid('TimeToLive is already enabled');
  if (!isEnabled && current === undefined) throw invalid('TimeToLive is already disabled');
  if (current !== undefined && current !== attribute) {
    throw invalid(`TimeToLive is active on a different AttributeName: current AttributeName is ${current}`);
  }
  const changedAt = table.stored.timeToLiveChangedAt;
  if (changedAt !== undefined && context.now - changedAt < HOUR_MS) {
    throw invalid('Time to live has been modified multiple times within a fixed interval');
  }
  tables.change(table, {
    timeToLive: isEnabled ? { attribute } : undefined,
    timeToLiveChangedAt: context.now,
  });
  tables.expireBy(table, isEnabled ? attribute : undefined);
  return { TimeToLiveSpecification: { AttributeName: attribute, Enabled: isEnabled } };
};

const RECOVERY_DAYS_DEFAULT = 35;

/** Continuous backups are declared and described, never taken. */
export const describeBackups = (table: Table, now: number): Result<DescribeContinuousBackupsCommandOutput> => {
  const { recovery } = table.stored;
  return {
    ContinuousBackupsDescription: {
      ContinuousBackupsStatus: 'ENABLED',
      PointInTimeRecoveryDescription:
        recovery === undefined
          ? { PointInTimeRecoveryStatus: 'DISABLED' }
          : {
              PointInTimeRecoveryStatus: 'ENABLED',
              RecoveryPeriodInDays: recovery.days,
              EarliestRestorableDateTime: new Date(recovery.enabledAt),
              LatestRestorableDateTime: new Date(Math.max(recovery.enabledAt, now - 5 * 60_000)),
            },
    },
  };
};

export const updateBackups = (
  tables: Tables,
  input: UpdateContinuousBackupsCommandInput,
  context: RequestContext,
): Result<DescribeContinuousBackupsCommandOutput> => {
  const specification = input.PointInTimeRecoverySpecification;
  new Constraints()
    .required('pointInTimeRecoverySpecification', specification)
    .required('pointInTimeRecoverySpecification.pointInTimeRecoveryEnabled', specification?.PointInTimeRecoveryEnabled)
    .range('pointInTimeRecoverySpecification.recoveryPeriodInDays', specification?.RecoveryPeriodInDays, 1, 35)
    .check();
  const table = tables.find(input.TableName, context);
  if (table === undefined) {
    throw new ServiceError('TableNotFoundException', `Table not found: ${input.TableName}`, 400);
  }
  const isEnabled = specification?.PointInTimeRecoveryEnabled === true;
  const days = specification?.RecoveryPeriodInDays ?? RECOVERY_DAYS_DEFAULT;
  const enabledAt = table.stored.recovery?.enabledAt ?? context.now;
  tables.change(table, { recovery: isEnabled ? { enabledAt, days } : undefined });
  return describeBackups(table, context.now);
};

/** The table that a tag call names by ARN. */
export const taggedTable = (tables: Tables, arn: string | undefined, context: RequestContext): Table => {
  new Constraints().required('resourceArn', arn).check();
  const prefix = tableArn('', context);
  if (!(arn as string).startsWith('arn:')) {
    throw invalidValue(`Invalid TableArn: Invalid ResourceArn provided as input ${arn}`);
  }
  const table = (arn as string).startsWith(prefix) ? tables.find(arn, context) : undefined;
  if (table !== undefined) return table;
  throw new ServiceError(
    'ResourceNotFoundException',
    `Requested resource not found: ResourcArn: ${arn} not found`,
    400,
  );
};
