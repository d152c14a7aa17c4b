import type {
  PipeEnrichmentParameters,
  PipeSourceParameters,
  PipeState,
  PipeTargetParameters,
} from '@aws-sdk/client-pipes';
import { makeArn } from '@holdfast/aws-model';
import type { EpochMs } from '@holdfast/kernel';

/** Parameters of a source with what JSON cannot hold told otherwise. */
export type StoredSourceParameters = Omit<PipeSourceParameters, 'KinesisStreamParameters'> & {
  readonly KinesisStreamParameters?: Omit<
    NonNullable<PipeSourceParameters['KinesisStreamParameters']>,
    'StartingPositionTimestamp'
  > & { readonly startsAt?: EpochMs | undefined };
};

export type LogLevel = 'OFF' | 'ERROR' | 'INFO' | 'TRACE';

export interface StoredPipeLog {
  readonly groupArn: string | undefined;
  readonly level: LogLevel;
  readonly includesExecutionData: boolean;
}

/** A pipe as stored; what it does is kept in AWS's own members. */
export interface StoredPipe {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  /** Of this very pipe: one of the same name after it begins its streams anew. */
  readonly id: string;
  readonly description?: string | undefined;
  readonly isWanted: boolean;
  readonly state: PipeState;
  readonly stateReason?: string | undefined;
  readonly source: string;
  readonly sourceParameters: StoredSourceParameters;
  readonly enrichment?: string | undefined;
  readonly enrichmentParameters?: PipeEnrichmentParameters | undefined;
  readonly target: string;
  readonly targetParameters: PipeTargetParameters;
  readonly roleArn: string;
  readonly log?: StoredPipeLog | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly createdAt: EpochMs;
  readonly modifiedAt: EpochMs;
}

export const pipeArnOf = ({ account, region, name }: Pick<StoredPipe, 'account' | 'region' | 'name'>): string =>
  makeArn('pipes', region, account, `pipe/${name}`);

export const desiredStateOf = ({ isWanted }: StoredPipe) => (isWanted ? ('RUNNING' as const) : ('STOPPED' as const));
