import type { EpochMs } from '@holdfast/kernel';
import type { MachineType } from '../running/execution.ts';
import type { Destination } from './result-writer.ts';

/** One map that runs an execution for each item, or for each batch of items. */
export interface StoredMapRun {
  readonly arn: string;
  readonly label: string;
  readonly executionArn: string;
  readonly serial: number;
  readonly thread: number;
  readonly machineArn: string;
  readonly childType: MachineType;
  readonly level: string;
  readonly startedAt: EpochMs;
  readonly maxConcurrency: number;
  readonly toleratedCount: number | undefined;
  readonly toleratedPercentage: number | undefined;
  readonly destination?: Destination | undefined;
  readonly total: number;
  readonly itemsTotal: number;
  readonly next: number;
  readonly redriveCount?: number | undefined;
  readonly redrivenAt?: EpochMs | undefined;
  readonly status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED';
  readonly stoppedAt?: EpochMs | undefined;
}

/** Whether more children have failed than the map tolerates; without a tolerance one is too many. */
export const isExceeded = (run: StoredMapRun, failed: number): boolean => {
  if (failed === 0) return false;
  const { toleratedCount, toleratedPercentage, total } = run;
  if (toleratedCount === undefined && toleratedPercentage === undefined) return true;
  if (toleratedCount !== undefined && failed > toleratedCount) return true;
  return toleratedPercentage !== undefined && (failed / total) * 100 > toleratedPercentage;
};
