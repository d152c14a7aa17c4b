import type { AnyResourceType } from '../../../core/index.ts';
import { api } from './api.ts';
import { authorizer } from './authorizer.ts';
import { deployment } from './deployment.ts';
import { integration } from './integration.ts';
import { route } from './route.ts';
import { stage } from './stage.ts';

/** What CloudFormation can make of this service. */
export const resourceTypes: readonly AnyResourceType[] = [api, authorizer, route, integration, stage, deployment];
