import type { JsonObject } from '@holdfast/engine';
import type { Digest } from '@holdfast/kernel';
import { codeIn } from './code-location.ts';
import { contentHash, type Resources } from './names.ts';
import { refusal, refuseOthers } from './refusal.ts';

const AS_IN_LAMBDA = ['CompatibleArchitectures', 'CompatibleRuntimes', 'Description', 'LayerName', 'LicenseInfo'];

/**
 * `AWS::Serverless::LayerVersion`: its logical id changes with its content, so that versions which are in use stay.
 *
 * @returns the resource, and the id that references to it lead to
 */
export const expandLayerVersion = (
  logicalId: string,
  resource: JsonObject,
  properties: JsonObject,
  digest: Digest,
): { readonly id: string; readonly resources: Resources } => {
  const { ContentUri, RetentionPolicy = 'Retain', LayerName = logicalId, ...rest } = properties;
  refuseOthers(rest, AS_IN_LAMBDA, 'AWS::Serverless::LayerVersion', logicalId);
  if (RetentionPolicy !== 'Retain' && RetentionPolicy !== 'Delete') {
    throw refusal(`RetentionPolicy that is neither Retain nor Delete (resource ${logicalId})`);
  }
  const Properties = { Content: codeIn('ContentUri', logicalId, ContentUri), LayerName, ...rest };
  const id = `${logicalId}${contentHash(Properties, digest)}`;
  return {
    id,
    resources: {
      [id]: { ...resource, Type: 'AWS::Lambda::LayerVersion', DeletionPolicy: RetentionPolicy, Properties },
    },
  };
};
