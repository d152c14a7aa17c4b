import type { AnyResourceType } from '../../../core/index.ts';
import { pipesPipe } from './pipe.ts';

/** What CloudFormation can make of this service. */
export const resourceTypes: readonly AnyResourceType[] = [pipesPipe];
