import type * as Sdk from '@aws-sdk/client-lambda';
import {
  Constraints,
  notSupported,
  type Operations,
  operation,
  type RequestContext,
  ServiceError,
} from '../../../core/index.ts';
import { conflict, invalidParameter, revisionMismatch } from '../errors.ts';
import { locate, PLAIN_NAME_LENGTH_MAX } from '../names.ts';
import { pageOf } from '../paging.ts';
import type { LambdaParts } from '../parts.ts';
import { leadsTo } from './alias-routing.ts';
import { CODE_UNZIPPED_MAX_BYTES, checkRequestSize, storeCode, ZIP_UPLOAD_MAX_BYTES } from './code.ts';
import { codeLocation } from './code-location.ts';
import {
  applyConfiguration,
  CONFIGURATION_MEMBERS,
  checkRanges,
  describeVersion,
  initialConfiguration,
} from './configuration.ts';
import { type FunctionRecord, LATEST, type UsedLayer, type VersionRecord } from './function-record.ts';
import { checkTagCount } from './tags.ts';
import { checkUnzippedSize, resolveLayers } from './used-layers.ts';
import { publishVersion } from './versions.ts';

/** All code of an account may take 75 GB. */
const CODE_TOTAL_MAX_BYTES = 80_530_636_800;

/** Characters of a name without what may stand around it. */
const NAME_LENGTH_MAX = 64;

/** @throws ServiceError 412 when the caller knows an older revision */
const checkRevision = (given: string | undefined, actual: string): void => {
  if (given !== undefined && given !== actual) throw revisionMismatch('GetFunction/GetAlias');
};

/** Create, read, change and delete functions. */
export const functionOperations = (parts: LambdaParts): Operations<typeof Sdk> => {
  const { environment, registry, layers, ledger, provisioned } = parts;
  const ids = environment.ids;

  const layersIn = (
    input: { readonly Layers?: readonly string[] | undefined },
    context: RequestContext,
  ): readonly UsedLayer[] | undefined =>
    input.Layers === undefined ? undefined : resolveLayers(layers, input.Layers, context);

  const replaceLatest = (record: FunctionRecord, change: Partial<VersionRecord>, now: number): void => {
    record.latest = {
      ...record.latest,
      ...change,
      lastModifiedAt: now,
      revisionId: ids.uuid(),
      revision: ids.uuid(),
    };
    registry.save(record);
    environment.runtime.retire(record.arn);
  };

  /** Becoming active and becoming updated are changes of their own: the revision in the answer is soon outdated. */
  const settle = (record: FunctionRecord): void => {
    record.latest = { ...record.latest, revisionId: ids.uuid() };
    registry.save(record);
  };

  const deleteVersion = (record: FunctionRecord, qualifier: string): void => {
    const referring = Object.values(record.aliases).filter((alias) => leadsTo(alias, qualifier));
    if (referring.length > 0) {
      const names = referring.map((alias) => alias.name).join(', ');
      throw conflict(`Unable to delete version because the following aliases reference it: [${names}]`);
    }
    provisioned.drop(record, qualifier);
    record.versions = record.versions.filter((version) => version.version !== qualifier);
    delete record.policies[qualifier];
    delete record.eventInvokeConfigs[qualifier];
    registry.save(record);
  };

  return {
    CreateFunction: operation(
      ['FunctionName', 'Code', 'Publish', 'PackageType', 'Tags', 'Architectures', ...CONFIGURATION_MEMBERS],
      (input, context) => {
        checkRequestSize(input);
        const locator = locate(input.FunctionName, undefined, context, PLAIN_NAME_LENGTH_MAX);
        new Constraints()
          .length('functionName', locator.name, 1, NAME_LENGTH_MAX)
          .check('InvalidParameterValueException', { Type: 'User' });
        if (locator.account !== context.account) {
          throw new ServiceError('AccessDeniedException', '', 403, { Message: null });
        }
        if (input.PackageType !== undefined && input.PackageType !== 'Zip') {
          throw notSupported(`functions with PackageType ${input.PackageType}`);
        }
        new Constraints().required('role', input.Role).required('code', input.Code).check();
        checkRanges(input);
        if (input.Handler === undefined || input.Runtime === undefined) {
          throw invalidParameter(
            'Runtime and Handler are mandatory parameters for functions created with deployment packages.',
          );
        }
        checkTagCount(input.Tags);
        const configuration = applyConfiguration(initialConfiguration(locator.name), input, layersIn(input, context));
        if (registry.get(locator.arn) !== undefined) throw conflict(`Function already exist: ${locator.name}`);
        const code = storeCode(environment, input.Code ?? {});
        checkUnzippedSize(code, configuration.layers ?? []);
        const latest: VersionRecord = {
          ...configuration,
          version: LATEST,
          code,
          lastModifiedAt: context.now,
          revisionId: ids.uuid(),
          revision: ids.uuid(),
        };
        const record: FunctionRecord = {
          account: locator.account,
          region: locator.region,
          name: locator.name,
          arn: locator.arn,
          latest,
          versions: [],
          lastVersionNumber: 0,
          aliases: {},
          tags: { ...input.Tags },
          policies: {},
          eventInvokeConfigs: {},
          reservedConcurrency: undefined,
          recursiveLoop: 'Terminate',
        };
        registry.save(record);
        const shown = input.Publish === true ? publishVersion(parts, record, undefined, context.now) : latest;
        record.versions = record.versions.map((version) => ({ ...version, revisionId: ids.uuid() }));
        settle(record);
        // AWS names the function itself here, even when it shows version 1.
        return { ...describeVersion(record, shown, undefined, 'created'), FunctionArn: record.arn };
      },
    ),

    GetFunction: operation(['FunctionName', 'Qualifier'], (input, context) => {
      const { record, version, qualifier } = registry.resolve(input.FunctionName, input.Qualifier, context);
      return {
        Configuration: describeVersion(record, version, qualifier),
        Code:
          version.code.kind === 'zip'
            ? {
                RepositoryType: 'S3',
                Location: codeLocation(version.code.blobId, context.host, environment.settings),
              }
            : { RepositoryType: 'Directory' },
        // Tags are the function's: a version is told without them.
        ...(Object.keys(record.tags).length === 0 || version.version !== '$LATEST' ? {} : { Tags: { ...record.tags } }),
        ...(record.reservedConcurrency === undefined
          ? {}
          : { Concurrency: { ReservedConcurrentExecutions: record.reservedConcurrency } }),
      };
    }),

    GetFunctionConfiguration: operation(['FunctionName', 'Qualifier'], (input, context) => {
      const { record, version, qualifier } = registry.resolve(input.FunctionName, input.Qualifier, context);
      return describeVersion(record, version, qualifier);
    }),

    ListFunctions: operation(['FunctionVersion', 'Marker', 'MaxItems'], (input, context) => {
      new Constraints().oneOf('functionVersion', input.FunctionVersion, ['ALL']).check();
      const all = registry.of(context).flatMap((record) =>
        (input.FunctionVersion === 'ALL' ? [record.latest, ...record.versions] : [record.latest]).map((version) => ({
          record,
          version,
        })),
      );
      const { page, ...next } = pageOf(all, input.Marker, input.MaxItems);
      return {
        Functions: page.map(({ record, version }) =>
          describeVersion(record, version, input.FunctionVersion === 'ALL' ? version.version : undefined, 'listed'),
        ),
        ...next,
      };
    }),

    UpdateFunctionCode: operation(
      [
        'FunctionName',
        'ZipFile',
        'S3Bucket',
        'S3Key',
        'S3ObjectVersion',
        'Architectures',
        'Publish',
        'DryRun',
        'RevisionId',
      ],
      (input, context) => {
        const { record } = registry.resolve(input.FunctionName, undefined, context);
        checkRevision(input.RevisionId, record.latest.revisionId);
        const { ZipFile, S3Bucket, S3Key, S3ObjectVersion } = input;
        const { architectures } = applyConfiguration(record.latest, {
          ...(input.Architectures === undefined ? {} : { Architectures: input.Architectures }),
        });
        const code = storeCode(environment, { ZipFile, S3Bucket, S3Key, S3ObjectVersion });
        checkUnzippedSize(code, record.latest.layers ?? []);
        if (input.DryRun === true) {
          return describeVersion(record, { ...record.latest, code, architectures }, undefined);
        }
        replaceLatest(record, { code, architectures }, context.now);
        if (input.Publish === true) {
          return describeVersion(record, publishVersion(parts, record, undefined, context.now), undefined, 'created');
        }
        const updated = describeVersion(record, record.latest, undefined, 'updated');
        settle(record);
        return updated;
      },
    ),

    UpdateFunctionConfiguration: operation(
      ['FunctionName', 'RevisionId', ...CONFIGURATION_MEMBERS],
      (input, context) => {
        const { record } = registry.resolve(input.FunctionName, undefined, context);
        checkRevision(input.RevisionId, record.latest.revisionId);
        const configuration = applyConfiguration(record.latest, input, layersIn(input, context));
        checkUnzippedSize(record.latest.code, configuration.layers ?? []);
        replaceLatest(record, configuration, context.now);
        const updated = describeVersion(record, record.latest, undefined, 'updated');
        settle(record);
        return updated;
      },
    ),

    DeleteFunction: operation(['FunctionName', 'Qualifier'], (input, context) => {
      const locator = locate(input.FunctionName, input.Qualifier, context);
      const { qualifier } = locator;
      if (qualifier === LATEST) {
        throw invalidParameter('$LATEST version cannot be deleted without deleting the function.');
      }
      if (qualifier !== undefined && /^(?!\d+$)[a-zA-Z0-9-_]+$/.test(qualifier)) {
        throw invalidParameter('Deletion of aliases is not currently supported.');
      }
      const { record } = registry.require({ ...locator, qualifier: undefined });
      if (qualifier !== undefined) deleteVersion(record, qualifier);
      else {
        ledger.claim(record, () => {
          record.reservedConcurrency = undefined;
          record.provisioned = {};
        });
        provisioned.apply(record);
        registry.delete(record.arn);
        environment.runtime.retire(record.arn);
      }
      return { StatusCode: 204 };
    }),

    GetAccountSettings: operation([], (_, context) => {
      const records = registry.of(context);
      const versions = records.flatMap((record) => [record.latest, ...record.versions]);
      return {
        AccountLimit: {
          TotalCodeSize: CODE_TOTAL_MAX_BYTES,
          CodeSizeUnzipped: CODE_UNZIPPED_MAX_BYTES,
          CodeSizeZipped: ZIP_UPLOAD_MAX_BYTES,
          ConcurrentExecutions: environment.settings.accountConcurrency,
          UnreservedConcurrentExecutions: ledger.unreserved(context.account, context.region),
        },
        AccountUsage: {
          TotalCodeSize: [
            ...versions.map((version) => version.code),
            ...layers.of(context).flatMap((layer) => layer.versions.map((version) => version.content)),
          ].reduce((total, { sizeBytes }) => total + sizeBytes, 0),
          FunctionCount: records.length,
        },
      };
    }),
  };
};
