import type { AnyResourceType } from '../../../core/index.ts';
import { kinesisStream } from './stream.ts';

/** What CloudFormation can make of this service. */
export const resourceTypes: readonly AnyResourceType[] = [kinesisStream];
