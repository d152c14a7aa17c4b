import { utf8Length } from '@holdfast/kernel';
import type { FunctionSpec, RuntimeOutcome } from '../../../core/index.ts';
import {
  APPLICATION_LOG_LEVELS,
  type ApplicationLogLevel,
  type JsonLogging,
  SYSTEM_LOG_LEVELS,
  type SystemLogLevel,
} from '../functions/logging-config.ts';
import { runtimeVersionArn, runtimeVersionName } from '../functions/runtime-version.ts';
import type { LogLines, Run } from './log-lines.ts';

const reached = (levels: readonly string[], level: string, least: string): boolean =>
  levels.indexOf(level) >= levels.indexOf(least);

const STATUS = {
  success: 'success',
  error: 'error',
  timeout: 'timeout',
  exit: 'error',
  'init-error': 'error',
} as const;

/** Level of a line that a function wrote; what has none counts as information. */
const levelOf = (line: string): ApplicationLogLevel => {
  if (!line.startsWith('{')) return 'INFO';
  try {
    const level = (JSON.parse(line) as { level?: unknown }).level;
    const name = String(level).toUpperCase();
    if (name === 'WARNING') return 'WARN';
    if (name === 'CRITICAL') return 'FATAL';
    return APPLICATION_LOG_LEVELS.find((known) => known === name) ?? 'INFO';
  } catch {
    return 'INFO';
  }
};

const rounded = (ms: number): number => Math.round(ms * 1_000) / 1_000;

/**
 * What Lambda writes about functions whose log format is JSON: an object with `time`, `type` and `record` for every
 * event of the platform, filtered by the two log levels.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
 * @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
 */
export const jsonLogLines = (run: Run, logging: JsonLogging): LogLines => {
  const { spec, requestId } = run;
  const initializationType = spec.initializationType ?? 'on-demand';
  let isColdStart = false;
  const event = (at: number, level: SystemLogLevel, type: string, record: object): string[] => {
    if (!reached(SYSTEM_LOG_LEVELS, level, logging.systemLevel)) return [];
    return [`${JSON.stringify({ time: new Date(at).toISOString(), type: `platform.${type}`, record })}\n`];
  };
  return {
    initStart: (at) => {
      isColdStart = true;
      return event(at, 'INFO', 'initStart', {
        initializationType,
        phase: 'init',
        runtimeVersion: runtimeVersionName(spec.runtime),
        runtimeVersionArn: runtimeVersionArn(spec.region, spec.runtime),
        functionName: spec.functionName,
        functionVersion: spec.version,
      });
    },
    initFailed: (at, { durationMs, status, errorType }) =>
      event(at, 'WARN', 'initReport', {
        initializationType,
        phase: 'init',
        status,
        ...(errorType === undefined ? {} : { errorType }),
        metrics: { durationMs: rounded(durationMs) },
      }),
    start: (at) =>
      event(at, 'INFO', 'start', { requestId, functionArn: run.invokedFunctionArn, version: spec.version }),
    application: (line) =>
      logging.applicationLevel === 'TRACE' || reached(APPLICATION_LOG_LEVELS, levelOf(line), logging.applicationLevel)
        ? [line]
        : [],
    closing: (at, outcome) => [
      ...(isColdStart
        ? initReport(spec, outcome).flatMap(([level, record]) => event(at, level, 'initReport', record))
        : []),
      ...event(at, outcome.kind === 'success' ? 'DEBUG' : 'WARN', 'runtimeDone', {
        requestId,
        status: STATUS[outcome.kind],
        ...errorTypeOf(outcome),
        metrics: { durationMs: rounded(outcome.durationMs), producedBytes: utf8Length(outcome.payload) },
      }),
      ...event(at, outcome.kind === 'success' ? 'INFO' : 'WARN', 'report', {
        requestId,
        metrics: {
          durationMs: rounded(outcome.durationMs),
          billedDurationMs: Math.ceil(outcome.durationMs),
          memorySizeMB: spec.memoryMb,
          maxMemoryUsedMB: outcome.maxMemoryUsedMb,
          ...(outcome.initDurationMs === undefined ? {} : { initDurationMs: rounded(outcome.initDurationMs) }),
        },
        status: STATUS[outcome.kind],
        ...errorTypeOf(outcome),
      }),
    ],
  };
};

const errorTypeOf = ({ kind, errorType }: RuntimeOutcome): { errorType?: string } =>
  (kind === 'exit' || kind === 'init-error' || kind === 'error') && errorType !== undefined ? { errorType } : {};

/** Differs: written with the end of the first invocation, because how long it took is known only then. */
const initReport = (spec: FunctionSpec, outcome: RuntimeOutcome): [SystemLogLevel, object][] => {
  const initializationType = spec.initializationType ?? 'on-demand';
  const metrics =
    outcome.initDurationMs === undefined ? {} : { metrics: { durationMs: rounded(outcome.initDurationMs) } };
  const hasFailed = outcome.kind === 'init-error';
  const level = hasFailed ? 'WARN' : initializationType === 'on-demand' ? 'DEBUG' : 'INFO';
  const status = hasFailed ? 'error' : 'success';
  return [
    [level, { initializationType, phase: 'init', status, ...(hasFailed ? errorTypeOf(outcome) : {}), ...metrics }],
  ];
};
