import type { AnyResourceType } from '../../../core/index.ts';
import { samplingRule } from './sampling-rule.ts';

/** What CloudFormation can make of this service. */
export const resourceTypes: readonly AnyResourceType[] = [samplingRule];
