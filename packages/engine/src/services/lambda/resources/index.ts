import type { AnyResourceType } from '../../../core/index.ts';
import { lambdaAlias } from './alias.ts';
import { lambdaEventInvokeConfig } from './event-invoke-config.ts';
import { lambdaEventSourceMapping } from './event-source-mapping.ts';
import { lambdaFunction } from './function.ts';
import { lambdaLayerVersion } from './layer-version.ts';
import { lambdaPermission } from './permission.ts';
import { lambdaUrl } from './url.ts';
import { lambdaVersion } from './version.ts';

/** What CloudFormation can make of this service. */
export const resourceTypes: readonly AnyResourceType[] = [
  lambdaAlias,
  lambdaEventInvokeConfig,
  lambdaEventSourceMapping,
  lambdaFunction,
  lambdaLayerVersion,
  lambdaPermission,
  lambdaUrl,
  lambdaVersion,
];
