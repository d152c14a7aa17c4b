import { cloudFormation } from '@holdfast/cloudformation';
import { SERVICES } from '@holdfast/engine';

/** The services of the engine, and the one that acts on all of them. */
export const PLAYED = [...SERVICES, cloudFormation];
