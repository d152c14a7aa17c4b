import { rootArn } from '@holdfast/aws-model';
import { notSupported, type RequestContext, ServiceError } from '../../../core/index.ts';
import { invalidParameter } from '../errors.ts';
import { CODE_UNZIPPED_MAX_BYTES } from './code.ts';
import type { StoredCode, UsedLayer } from './function-record.ts';
import { type LayerRegistry, layerArn } from './layer-registry.ts';
import { howToStandIn, publicLayerIn, standInFor } from './public-layers.ts';

/** Layers that a function may have. */
export const LAYERS_MAX = 5;

const LAYER_VERSION =
  /^arn:aws[a-zA-Z-]*:lambda:([a-z]{2}(?:-gov|-iso[a-z]?)?-[a-z]+-\d):(\d{12}):layer:([a-zA-Z0-9-_]+):(\d+)$/;

/** The pattern as AWS prints it in constraint messages. */
export const SHOWN_LAYER_VERSION = String.raw`(arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+)|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+)`;

/** ARN of a layer version, taken apart. */
export interface LayerVersionLocator {
  readonly region: string;
  readonly account: string;
  readonly name: string;
  readonly version: number;
  /** Of the layer, without the version. */
  readonly layerArn: string;
}

export const parseLayerVersionArn = (text: string): LayerVersionLocator | undefined => {
  const match = LAYER_VERSION.exec(text);
  if (match === null) return undefined;
  const [, region, account, name, version] = match as unknown as [string, string, string, string, string];
  return { region, account, name, version: Number(version), layerArn: layerArn(account, region, name) };
};

/** Nobody can share a layer here, so those of other accounts are closed. */
export const layerOfAnotherAccount = (context: RequestContext, resource: string, action: string): ServiceError => {
  const caller = context.callerArn ?? rootArn(context.account);
  const text = `User: ${caller} is not authorized to perform: lambda:${action} on resource: ${resource} because no resource-based policy allows the lambda:${action} action`;
  return new ServiceError('AccessDeniedException', text, 403, { Message: text });
};

/**
 * The layers that a function names, in its order, which is the order in which they are laid over one another.
 *
 * @throws ServiceError in AWS's words: too many, malformed, unknown, of another account or region, one layer twice
 */
export const resolveLayers = (
  registry: LayerRegistry,
  arns: readonly string[],
  context: RequestContext,
): readonly UsedLayer[] => {
  if (arns.length > LAYERS_MAX) throw invalidParameter(`Cannot reference more than ${LAYERS_MAX} layers.`);
  const byLayer = new Map<string, string>();
  return arns.map((arn) => {
    const locator = parseLayerVersionArn(arn);
    if (locator === undefined) {
      throw new ServiceError(
        'ValidationException',
        `1 validation error detected: Value '[${arns.join(', ')}]' at 'layers' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 2048, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: ${SHOWN_LAYER_VERSION}, Member must not be null]`,
        400,
      );
    }
    const known = locator.account === context.account ? undefined : publicLayerIn(arn);
    if (known !== undefined) {
      const { content } = registry.get(standInFor(arn, context) ?? '')?.versions.at(-1) ?? {};
      if (content === undefined) throw notSupported(`${known} (${arn}; ${howToStandIn(arn)})`);
      return { arn, blobId: content.blobId, sizeBytes: content.sizeBytes, unzippedBytes: content.unzippedBytes ?? 0 };
    }
    if (locator.account !== context.account) throw layerOfAnotherAccount(context, arn, 'GetLayerVersion');
    if (locator.region !== context.region) {
      throw invalidParameter(
        `Layers are not in the same region as the function. Layers are expected to be in region ${context.region}.`,
      );
    }
    const version = registry.versionOf(locator.layerArn, locator.version);
    if (version === undefined) throw invalidParameter(`Layer version ${arn} does not exist.`);
    const other = byLayer.get(locator.layerArn);
    if (other !== undefined) {
      throw invalidParameter(
        `Two different versions of the same layer are not allowed to be referenced in the same function. ${other} and ${arn} are versions of the same layer.`,
      );
    }
    byLayer.set(locator.layerArn, arn);
    const { blobId, sizeBytes, unzippedBytes } = version.content;
    return { arn, blobId, sizeBytes, unzippedBytes: unzippedBytes ?? 0 };
  });
};

/** @throws ServiceError when code and layers together are larger than 250 MB unpacked */
export const checkUnzippedSize = (code: StoredCode, layers: readonly UsedLayer[]): void => {
  const own = code.kind === 'zip' ? (code.unzippedBytes ?? 0) : 0;
  const total = layers.reduce((sum, layer) => sum + layer.unzippedBytes, own);
  if (total <= CODE_UNZIPPED_MAX_BYTES) return;
  throw invalidParameter(
    `Function code combined with layers exceeds the maximum allowed size of ${CODE_UNZIPPED_MAX_BYTES} bytes. The actual size is ${total} bytes.`,
  );
};
