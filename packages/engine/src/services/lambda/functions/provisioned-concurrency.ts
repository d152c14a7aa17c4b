import type * as Sdk from '@aws-sdk/client-lambda';
import type { GetProvisionedConcurrencyConfigCommandOutput } from '@aws-sdk/client-lambda';
import {
  Constraints,
  type Operations,
  operation,
  type RequestContext,
  type Result,
  ServiceError,
} from '../../../core/index.ts';
import { conflict, functionNotFound, invalidParameter, notFound } from '../errors.ts';
import { provisionedTotalOf, UNRESERVED_MIN } from '../invocations/concurrency.ts';
import { lambdaTimestamp, locate, qualifiedArn } from '../names.ts';
import { pageOf } from '../paging.ts';
import type { LambdaParts } from '../parts.ts';
import { leadsTo } from './alias-routing.ts';
import { type FunctionRecord, LATEST } from './function-record.ts';

interface Provisionable {
  readonly record: FunctionRecord;
  readonly qualifier: string;
}

const aliasOf = (record: FunctionRecord, qualifier: string): FunctionRecord['aliases'][string] | undefined =>
  Object.hasOwn(record.aliases, qualifier) ? record.aliases[qualifier] : undefined;

/**
 * Provisioned concurrency: environments of a version, or of what an alias points to, that are initialised ahead.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html
 */
export const provisionedConcurrencyOperations = ({
  registry,
  ledger,
  provisioned,
}: LambdaParts): Operations<typeof Sdk> => {
  const resolve = (
    input: { readonly FunctionName: string | undefined; readonly Qualifier: string | undefined },
    context: RequestContext,
    refusalOfLatest: string,
  ): Provisionable => {
    const locator = locate(input.FunctionName, input.Qualifier, context);
    const { qualifier } = locator;
    if (qualifier === undefined) new Constraints().required('qualifier', qualifier).check();
    const wanted = qualifier as string;
    if (wanted === LATEST) throw invalidParameter(refusalOfLatest);
    const record = registry.get(locator.arn);
    const isKnown = record !== undefined && registry.versionOf(record, wanted) !== undefined;
    if (!isKnown) {
      const arn = qualifiedArn(locator.arn, wanted);
      throw /^\d+$/.test(wanted) ? functionNotFound(arn) : notFound(`Cannot find alias arn: ${arn}`);
    }
    return { record, qualifier: wanted };
  };

  const NOT_PUBLISHED = 'The function resource provided must be an alias or a published version.';

  const describe = ({ record, qualifier }: Provisionable) => {
    const config = record.provisioned?.[qualifier];
    if (config === undefined) {
      throw new ServiceError(
        'ProvisionedConcurrencyConfigNotFoundException',
        'No Provisioned Concurrency Config found for this function',
        404,
        { Type: 'User' },
      );
    }
    const { requested, lastModifiedAt } = config;
    const { status, allocated, statusReason } = provisioned.standing(record, qualifier, requested);
    return {
      RequestedProvisionedConcurrentExecutions: requested,
      AvailableProvisionedConcurrentExecutions: allocated,
      AllocatedProvisionedConcurrentExecutions: allocated,
      Status: status,
      ...(statusReason === undefined ? {} : { StatusReason: statusReason }),
      LastModified: lambdaTimestamp(lastModifiedAt),
    } satisfies Result<GetProvisionedConcurrencyConfigCommandOutput>;
  };

  /** A version has its environments from one configuration: its own or that of one alias. */
  const checkOthers = ({ record, qualifier }: Provisionable): void => {
    const configured = Object.keys(record.provisioned ?? {}).filter((other) => other !== qualifier);
    const alias = aliasOf(record, qualifier);
    if (alias === undefined) {
      const isPointedAt = configured.some((other) => {
        const pointing = aliasOf(record, other);
        return pointing !== undefined && leadsTo(pointing, qualifier);
      });
      if (isPointedAt) throw conflict('Version is pointed by a Provisioned Concurrency alias');
      return;
    }
    const isTaken = configured.some((other) => {
      const another = aliasOf(record, other);
      return another === undefined ? leadsTo(alias, other) : leadsTo(alias, another.version);
    });
    if (isTaken) {
      throw conflict("Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version");
    }
  };

  const checkRoom = ({ record, qualifier }: Provisionable, requested: number): void => {
    const others = provisionedTotalOf(record) - (record.provisioned?.[qualifier]?.requested ?? 0);
    if (record.reservedConcurrency !== undefined) {
      if (others + requested <= record.reservedConcurrency) return;
      throw invalidParameter(
        'Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function',
      );
    }
    const left = ledger.unreservedWith(record, others);
    if (requested > left) {
      const text = `Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [${left}].`;
      throw new ServiceError('InvalidParameterValueException', text, 400);
    }
    if (left - requested < UNRESERVED_MIN) {
      const text = `Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${UNRESERVED_MIN}].`;
      throw new ServiceError('InvalidParameterValueException', text, 400);
    }
  };

  return {
    PutProvisionedConcurrencyConfig: operation(
      ['FunctionName', 'Qualifier', 'ProvisionedConcurrentExecutions'],
      (input, context) => {
        const requested = input.ProvisionedConcurrentExecutions;
        new Constraints()
          .required('provisionedConcurrentExecutions', requested)
          .range('provisionedConcurrentExecutions', requested, 1, Number.MAX_SAFE_INTEGER)
          .check();
        const refusal = 'Provisioned Concurrency Configs cannot be applied to unpublished function versions.';
        const target = resolve(input, context, refusal);
        const { record, qualifier } = target;
        const alias = aliasOf(record, qualifier);
        if (alias?.version === LATEST) throw invalidParameter(refusal);
        checkOthers(target);
        checkRoom(target, requested as number);
        ledger.claim(record, () => {
          const config = { requested: requested as number, lastModifiedAt: context.now };
          record.provisioned = { ...record.provisioned, [qualifier]: config };
        });
        registry.save(record);
        provisioned.renew(record, qualifier);
        provisioned.apply(record);
        return describe(target);
      },
    ),

    GetProvisionedConcurrencyConfig: operation(['FunctionName', 'Qualifier'], (input, context) =>
      describe(resolve(input, context, NOT_PUBLISHED)),
    ),

    DeleteProvisionedConcurrencyConfig: operation(['FunctionName', 'Qualifier'], (input, context) => {
      const { record, qualifier } = resolve(input, context, NOT_PUBLISHED);
      provisioned.drop(record, qualifier);
      registry.save(record);
      return {};
    }),

    ListProvisionedConcurrencyConfigs: operation(['FunctionName', 'Marker', 'MaxItems'], (input, context) => {
      const { record } = registry.resolve(input.FunctionName, undefined, context);
      const all = Object.keys(record.provisioned ?? {}).sort();
      const { page, ...next } = pageOf(all, input.Marker, input.MaxItems);
      return {
        ProvisionedConcurrencyConfigs: page.map((qualifier) => ({
          FunctionArn: qualifiedArn(record.arn, qualifier),
          ...describe({ record, qualifier }),
        })),
        ...next,
      };
    }),
  };
};
