import type { ApiCaller } from '../../../core/index.ts';
import { awsSdkIntegration } from './aws-sdk.ts';
import type { Integration } from './integration.ts';
import { OPTIMISED } from './optimised.ts';
import type { ServiceResource } from './resource.ts';

export const integrationOf = ({ resourceType, action }: ServiceResource, api: ApiCaller): Integration | undefined =>
  resourceType.startsWith('aws-sdk:')
    ? awsSdkIntegration(resourceType, action, api)
    : OPTIMISED[`${resourceType}:${action}`];
