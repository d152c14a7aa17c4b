import { assertNever } from '@holdfast/kernel';
import type { ProvisionedPollers } from '../../../core/index.ts';
import type { StreamSettings } from './stream-settings.ts';

/** States of an event source mapping, with AWS's names. `Deleting` ends in the mapping being gone. */
export type MappingState = 'Creating' | 'Enabling' | 'Enabled' | 'Disabling' | 'Disabled' | 'Updating' | 'Deleting';

/** What a mapping does; replaced as a whole when an update settles. */
export interface MappingSettings {
  /** As the caller qualified it. */
  readonly functionArn: string;
  readonly isEnabled: boolean;
  readonly batchSize: number;
  readonly windowSeconds: number;
  /** Patterns as text; none means that everything passes. */
  readonly filters: readonly string[];
  readonly maximumConcurrency: number | undefined;
  /** Of queues only, and not beside a maximum concurrency. */
  readonly provisionedPollers?: ProvisionedPollers | undefined;
  readonly reportsBatchItemFailures: boolean;
  readonly kmsKeyArn: string | undefined;
  /** Of mappings from streams only. */
  readonly stream?: StreamSettings | undefined;
}

export interface MappingRecord {
  readonly uuid: string;
  readonly account: string;
  readonly region: string;
  readonly eventSourceArn: string;
  readonly state: MappingState;
  readonly settings: MappingSettings;
  /** What an update asked for; in force when the state settles. */
  readonly nextSettings: MappingSettings | undefined;
  readonly lastModifiedAt: number;
  readonly tags: Readonly<Record<string, string>>;
}

/** How long a mapping stays in a passing state. Differs: AWS takes seconds to a minute. */
export const SETTLE_MS = 200;

export const isPassing = (state: MappingState): boolean => state !== 'Enabled' && state !== 'Disabled';

/** The passing state that a change of settings leads through. */
export const stateDuringUpdate = (old: MappingSettings, next: MappingSettings): MappingState => {
  if (old.isEnabled === next.isEnabled) return 'Updating';
  return next.isEnabled ? 'Enabling' : 'Disabling';
};

/**
 * What a passing state settles to; `undefined` means that the mapping is gone.
 *
 * ```text
 * Creating, Enabling, Disabling, Updating ──▶ Enabled | Disabled, as the settings say
 * Deleting ──▶ gone
 * ```
 */
export const settled = (record: MappingRecord): MappingRecord | undefined => {
  const settings = record.nextSettings ?? record.settings;
  switch (record.state) {
    case 'Deleting':
      return undefined;
    case 'Enabled':
    case 'Disabled':
    case 'Creating':
    case 'Enabling':
    case 'Disabling':
    case 'Updating':
      return { ...record, settings, nextSettings: undefined, state: settings.isEnabled ? 'Enabled' : 'Disabled' };
    default:
      return assertNever(record.state);
  }
};
