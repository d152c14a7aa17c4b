import { DOWNSTREAM_OUTAGE } from './downstream-outage.ts';
import type { GameDay } from './play.ts';
import { SCHEMA_EVOLUTION } from './schema-evolution.ts';
import { TRAFFIC_SPIKE } from './traffic-spike.ts';

/** All there are, in the order in which a team should play them. */
export const GAME_DAYS: readonly GameDay[] = [SCHEMA_EVOLUTION, DOWNSTREAM_OUTAGE, TRAFFIC_SPIKE];
