import { parseArn } from '@holdfast/aws-model';
import { utf8Length } from '@holdfast/kernel';
import { type LogTarget, logGroupOf, type ServiceEnvironment, type ServiceError } from '../../core/index.ts';
import { type LogLevel, pipeArnOf, type StoredPipe } from './stored-pipe.ts';

/**
 * From which level on a step is logged.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-logs.html#eb-pipes-logs-level
 */
const LEVEL_OF = {
  ExecutionStarted: 'INFO',
  ExecutionSucceeded: 'INFO',
  ExecutionFailed: 'ERROR',
  ExecutionPartiallyFailed: 'ERROR',
  ExecutionThrottled: 'ERROR',
  EnrichmentStageEntered: 'INFO',
  EnrichmentTransformationStarted: 'TRACE',
  EnrichmentTransformationSucceeded: 'TRACE',
  EnrichmentInvocationStarted: 'TRACE',
  EnrichmentInvocationSucceeded: 'TRACE',
  EnrichmentInvocationFailed: 'ERROR',
  EnrichmentStageSucceeded: 'INFO',
  EnrichmentStageFailed: 'ERROR',
  TargetStageEntered: 'INFO',
  TargetStageSkipped: 'TRACE',
  TargetTransformationStarted: 'TRACE',
  TargetTransformationSucceeded: 'TRACE',
  TargetInvocationStarted: 'TRACE',
  TargetInvocationSucceeded: 'TRACE',
  TargetInvocationFailed: 'ERROR',
  TargetInvocationPartiallyFailed: 'ERROR',
  TargetStageSucceeded: 'INFO',
  TargetStageFailed: 'ERROR',
  TargetStagePartiallyFailed: 'ERROR',
} as const;

export type PipeStep = keyof typeof LEVEL_OF;

const RANK: Readonly<Record<LogLevel, number>> = { OFF: 0, ERROR: 1, INFO: 2, TRACE: 3 };

/** What of an execution's data is too much for one record is cut, and named. */
const RECORD_BYTES_MAX = 262_144;
const DATA_MEMBERS = ['payload', 'awsRequest', 'awsResponse'] as const;

/** Texts of a step; they are worked out only when they are logged. */
export type StepData = Partial<Record<(typeof DATA_MEMBERS)[number], string>>;

export interface StepError {
  readonly error: ServiceError;
  /** Of what refused. */
  readonly arn: string;
}

const truncated = (record: Readonly<Record<string, unknown>>): string => {
  const text = JSON.stringify(record);
  const excess = utf8Length(text) - RECORD_BYTES_MAX;
  if (excess <= 0) return text;
  const fields = DATA_MEMBERS.filter((member) => record[member] !== undefined);
  const rest = Object.fromEntries(Object.entries(record).filter(([name]) => !fields.some((field) => field === name)));
  // Escaped text is at most six times as long as what it stands for.
  const room = Math.floor((RECORD_BYTES_MAX - utf8Length(JSON.stringify(rest)) - 200) / Math.max(1, fields.length) / 6);
  const cut = Object.fromEntries(fields.map((field) => [field, (record[field] as string).slice(0, Math.max(0, room))]));
  return JSON.stringify({ ...rest, ...cut, truncatedFields: fields });
};

/** Writes what a pipe does, step by step, into the log group that it names. */
export class PipeLog {
  readonly #environment: ServiceEnvironment;
  readonly #pipe: StoredPipe;
  readonly #target: LogTarget | undefined;

  constructor(environment: ServiceEnvironment, pipe: StoredPipe) {
    this.#environment = environment;
    this.#pipe = pipe;
    const group = logGroupOf(pipe.log?.groupArn ?? '');
    const minute = new Date(environment.clock.now()).toISOString().slice(0, 16).replace(/[T:]/g, '-');
    this.#target =
      group === undefined ? undefined : { ...group, stream: `pipes/${pipe.name}/${minute}/${environment.ids.hex(8)}` };
  }

  /** Of one batch. */
  begin(): ExecutionTrail {
    return new ExecutionTrail(this, this.#target === undefined ? '' : this.#environment.ids.uuid());
  }

  write(executionId: string, step: PipeStep, data: (() => StepData) | undefined, failed: StepError | undefined): void {
    const { log } = this.#pipe;
    const logLevel = LEVEL_OF[step];
    if (this.#target === undefined || log === undefined || RANK[log.level] < RANK[logLevel]) return;
    const at = this.#environment.clock.now();
    const record = {
      resourceArn: pipeArnOf(this.#pipe),
      timestamp: at,
      executionId,
      messageType: step,
      logLevel,
      ...(log.includesExecutionData ? data?.() : {}),
      ...(failed === undefined ? {} : { error: this.#told(step, failed) }),
    };
    this.#environment.logs.append(this.#target, [{ at, message: truncated(record) }]);
  }

  #told(step: PipeStep, { error, arn }: StepError): object {
    const service = parseArn(arn)?.service ?? '';
    const stage = step.startsWith('Enrichment') || arn === this.#pipe.enrichment ? 'Enrichment' : 'Target';
    const name = service.charAt(0).toUpperCase() + service.slice(1);
    return {
      message: `${stage} invocation failed with error from ${name}. ${error.message}`,
      httpStatusCode: error.status,
      awsService: service,
      requestId: this.#environment.ids.uuid(),
      exceptionType: error.code,
      resourceArn: arn,
    };
  }
}

/** The records of one batch on its way through a pipe. */
export class ExecutionTrail {
  readonly #log: PipeLog;
  readonly #executionId: string;

  constructor(log: PipeLog, executionId: string) {
    this.#log = log;
    this.#executionId = executionId;
  }

  tell(step: PipeStep, data?: () => StepData): void {
    this.#log.write(this.#executionId, step, data, undefined);
  }

  fail(step: PipeStep, failed: StepError, data?: () => StepData): void {
    this.#log.write(this.#executionId, step, data, failed);
  }
}
