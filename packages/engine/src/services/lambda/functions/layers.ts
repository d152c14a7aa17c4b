import type * as Sdk from '@aws-sdk/client-lambda';
import type { GetLayerVersionCommandOutput, LayerVersionsListItem } from '@aws-sdk/client-lambda';
import {
  Constraints,
  notSupported,
  type Operations,
  operation,
  type RequestContext,
  refuseUnmodelled,
} from '../../../core/index.ts';
import { invalidParameter, notFound } from '../errors.ts';
import { lambdaTimestamp } from '../names.ts';
import { pageOf } from '../paging.ts';
import type { LambdaParts } from '../parts.ts';
import { HOT_RELOAD_BUCKET, storeCode } from './code.ts';
import { codeLocation } from './code-location.ts';
import { type LayerRecord, type LayerVersionRecord, layerArn } from './layer-registry.ts';
import { CREATABLE_RUNTIMES, isRuntimeOfLayers, RUNTIMES_EVER } from './runtime-names.ts';
import { layerOfAnotherAccount, parseLayerVersionArn, SHOWN_LAYER_VERSION } from './used-layers.ts';

const NAME = /^(?:arn:[a-zA-Z0-9-]+:lambda:([a-zA-Z0-9-]+):(\d{12}):layer:)?([a-zA-Z0-9-_]+)$/;
const SHOWN_NAME = String.raw`(arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\d{12}:layer:[a-zA-Z0-9-_]+)|[a-zA-Z0-9-_]+`;
const ARCHITECTURES = ['x86_64', 'arm64'];

interface LayerLocator {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly arn: string;
}

const locateLayer = (given: string | undefined, action: string, context: RequestContext): LayerLocator => {
  new Constraints()
    .required('layerName', given)
    .length('layerName', given, 1, 140)
    .pattern('layerName', given, NAME, SHOWN_NAME)
    .check();
  const [, region = context.region, account = context.account, name = ''] = NAME.exec(given ?? '') ?? [];
  const arn = layerArn(account, region, name);
  if (account !== context.account || region !== context.region) throw layerOfAnotherAccount(context, arn, action);
  return { account, region, name, arn };
};

/** ListLayers leaves it out. */
const withoutDescription = ({ Description: _, ...others }: LayerVersionsListItem): LayerVersionsListItem => others;

const describe = (record: LayerLocator, version: LayerVersionRecord): LayerVersionsListItem => ({
  LayerVersionArn: `${record.arn}:${version.version}`,
  Version: version.version,
  Description: version.description,
  CreatedDate: lambdaTimestamp(version.createdAt),
  ...(version.compatibleArchitectures === undefined
    ? {}
    : {
        CompatibleArchitectures: [...version.compatibleArchitectures] as NonNullable<
          LayerVersionsListItem['CompatibleArchitectures']
        >,
      }),
  ...(version.compatibleRuntimes === undefined
    ? {}
    : {
        CompatibleRuntimes: [...version.compatibleRuntimes] as NonNullable<LayerVersionsListItem['CompatibleRuntimes']>,
      }),
  ...(version.licenseInfo === undefined ? {} : { LicenseInfo: version.licenseInfo }),
});

type GetLayerVersionResponse = Omit<GetLayerVersionCommandOutput, '$metadata'>;

/** With its content; `location` says where that can be downloaded. */
const describeFully = (
  record: LayerLocator,
  version: LayerVersionRecord,
  location: string,
): GetLayerVersionResponse => ({
  LayerArn: record.arn,
  ...describe(record, version),
  Content: { Location: location, CodeSha256: version.content.sha256Base64, CodeSize: version.content.sizeBytes },
});

const matching = (
  record: LayerRecord,
  runtime: string | undefined,
  architecture: string | undefined,
): LayerVersionRecord[] =>
  record.versions
    .filter((version) => runtime === undefined || version.compatibleRuntimes?.includes(runtime) === true)
    .filter((version) => architecture === undefined || version.compatibleArchitectures?.includes(architecture) === true)
    .reverse();

const checkFilters = (input: {
  readonly CompatibleArchitecture?: string | undefined;
  readonly CompatibleRuntime?: string | undefined;
}): void => {
  const constraints = new Constraints();
  if (input.CompatibleRuntime !== undefined && !isRuntimeOfLayers(input.CompatibleRuntime)) {
    constraints.oneOf('compatibleRuntime', input.CompatibleRuntime, RUNTIMES_EVER);
  }
  constraints.oneOf('compatibleArchitecture', input.CompatibleArchitecture, ARCHITECTURES).check();
};

/**
 * Layers: archives that functions share. A deleted version stays with the functions that have it already.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/chapter-layers.html
 */
export const layerOperations = ({ environment, layers }: LambdaParts): Operations<typeof Sdk> => {
  const locationOf = ({ content }: LayerVersionRecord, { host }: RequestContext): string =>
    codeLocation(content.blobId, host, environment.settings);

  const existing = (
    record: LayerLocator,
    version: number | undefined,
    context: RequestContext,
  ): GetLayerVersionResponse => {
    if (version !== undefined && version < 1) throw invalidParameter('Layer Version Cannot be less than 1');
    const found = version === undefined ? undefined : layers.versionOf(record.arn, version);
    if (found === undefined) throw notFound('The resource you requested does not exist.');
    return describeFully(record, found, locationOf(found, context));
  };

  return {
    PublishLayerVersion: operation(
      ['LayerName', 'Description', 'Content', 'CompatibleArchitectures', 'CompatibleRuntimes', 'LicenseInfo'],
      (input, context) => {
        const locator = locateLayer(input.LayerName, 'PublishLayerVersion', context);
        const constraints = new Constraints()
          .required('content', input.Content)
          .length('description', input.Description, 0, 256)
          .length('licenseInfo', input.LicenseInfo, 0, 512)
          .length('compatibleRuntimes', input.CompatibleRuntimes, 0, 15);
        if (input.CompatibleRuntimes?.every(isRuntimeOfLayers) === false) {
          const rule = `Member must satisfy enum value set: [${CREATABLE_RUNTIMES}]`;
          constraints.fail('compatibleRuntimes', `[${input.CompatibleRuntimes.join(', ')}]`, rule);
        }
        constraints
          .length('compatibleArchitectures', input.CompatibleArchitectures, 0, 2)
          .everyOneOf('compatibleArchitectures', input.CompatibleArchitectures, ARCHITECTURES)
          .check();
        const { ZipFile, S3Bucket, S3Key, S3ObjectVersion, ...others } = input.Content ?? {};
        refuseUnmodelled(others, [], 'Content');
        if (S3Bucket === HOT_RELOAD_BUCKET) throw notSupported(`layers from the bucket ${HOT_RELOAD_BUCKET}`);
        const content = storeCode(environment, { ZipFile, S3Bucket, S3Key, S3ObjectVersion });
        if (content.kind !== 'zip') throw notSupported('layers that are directories');
        const before = layers.get(locator.arn) ?? { ...locator, lastVersionNumber: 0, versions: [] };
        const version: LayerVersionRecord = {
          version: before.lastVersionNumber + 1,
          description: input.Description ?? '',
          createdAt: context.now,
          compatibleRuntimes: input.CompatibleRuntimes,
          compatibleArchitectures: input.CompatibleArchitectures,
          licenseInfo: input.LicenseInfo,
          content,
        };
        layers.save({ ...before, lastVersionNumber: version.version, versions: [...before.versions, version] });
        return describeFully(locator, version, locationOf(version, context));
      },
    ),

    GetLayerVersion: operation(['LayerName', 'VersionNumber'], (input, context) =>
      existing(locateLayer(input.LayerName, 'GetLayerVersion', context), input.VersionNumber, context),
    ),

    GetLayerVersionByArn: operation(['Arn'], (input, context) => {
      const locator = parseLayerVersionArn(input.Arn ?? '');
      const constraints = new Constraints().required('arn', input.Arn);
      if (input.Arn !== undefined && locator === undefined) {
        constraints.fail('arn', input.Arn, `Member must satisfy regular expression pattern: ${SHOWN_LAYER_VERSION}`);
      }
      constraints.check();
      const { layerArn: layer = '', version } = locator ?? {};
      return existing(locateLayer(layer, 'GetLayerVersion', context), version, context);
    }),

    ListLayers: operation(['CompatibleArchitecture', 'CompatibleRuntime', 'Marker', 'MaxItems'], (input, context) => {
      checkFilters(input);
      const found = layers.of(context).flatMap((record) => {
        const [latest] = matching(record, input.CompatibleRuntime, input.CompatibleArchitecture);
        return latest === undefined ? [] : [{ record, latest }];
      });
      const { page, ...next } = pageOf(found, input.Marker, input.MaxItems);
      return {
        Layers: page.map(({ record, latest }) => ({
          LayerName: record.name,
          LayerArn: record.arn,
          LatestMatchingVersion: withoutDescription(describe(record, latest)),
        })),
        ...next,
      };
    }),

    ListLayerVersions: operation(
      ['LayerName', 'CompatibleArchitecture', 'CompatibleRuntime', 'Marker', 'MaxItems'],
      (input, context) => {
        checkFilters(input);
        const record = layers.get(locateLayer(input.LayerName, 'ListLayerVersions', context).arn);
        const found =
          record === undefined ? [] : matching(record, input.CompatibleRuntime, input.CompatibleArchitecture);
        const { page, ...next } = pageOf(found, input.Marker, input.MaxItems);
        return { LayerVersions: page.map((version) => describe(record as LayerRecord, version)), ...next };
      },
    ),

    DeleteLayerVersion: operation(['LayerName', 'VersionNumber'], (input, context) => {
      const { arn } = locateLayer(input.LayerName, 'DeleteLayerVersion', context);
      if (input.VersionNumber !== undefined && input.VersionNumber < 1) {
        throw invalidParameter('Layer Version Cannot be less than 1');
      }
      const record = layers.get(arn);
      // What is not there need not be deleted: AWS answers 204 for it too.
      if (record !== undefined) {
        layers.save({ ...record, versions: record.versions.filter((each) => each.version !== input.VersionNumber) });
      }
      return {};
    }),
  };
};
