import type { AnyResourceType } from '../../../core/index.ts';
import { statesActivity } from './activity.ts';
import { statesStateMachine } from './state-machine.ts';
import { statesStateMachineAlias } from './state-machine-alias.ts';
import { statesStateMachineVersion } from './state-machine-version.ts';

/** What CloudFormation can make of this service. */
export const resourceTypes: readonly AnyResourceType[] = [
  statesStateMachine,
  statesStateMachineVersion,
  statesStateMachineAlias,
  statesActivity,
];
