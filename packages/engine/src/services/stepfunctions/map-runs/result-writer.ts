import { utf8Bytes } from '@holdfast/kernel';
import { instantText, type JsonObject, type RequestContext, type ServiceEnvironment } from '../../../core/index.ts';
import type { StateNode } from '../definition/program.ts';
import { fillExpressions, fillTemplate, type Scope } from '../language/scope.ts';
import type { StoredExecution } from '../running/execution.ts';

/** A child of a map run that has ended, with what it was given and what came of it. */
export interface ChildResult {
  readonly record: StoredExecution;
  readonly input: string;
  readonly output: string | undefined;
}

export interface Destination {
  readonly bucket: string;
  readonly prefix: string;
}

export const planWriter = (node: StateNode, scope: Scope): Destination | undefined => {
  const writer = node.fields.ResultWriter as JsonObject | undefined;
  const given = node.language === 'JSONata' ? writer?.Arguments : writer?.Parameters;
  if (given === undefined) return undefined;
  const filled = (
    node.language === 'JSONata' ? fillExpressions(given, scope, 'ResultWriter/Arguments') : fillTemplate(given, scope)
  ) as JsonObject;
  return { bucket: String(filled.Bucket), prefix: String(filled.Prefix ?? '') };
};

/**
 * Writes what became of the children, by outcome, and a manifest that leads to it; gives the manifest's key.
 *
 * https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
 */
export const writeResults = (
  { bucket, prefix }: Destination,
  mapRunArn: string,
  results: readonly ChildResult[],
  environment: ServiceEnvironment,
  context: RequestContext,
): string => {
  const folder = [prefix.replace(/\/$/, ''), mapRunArn.split(':').at(-1)].filter((part) => part !== '').join('/');
  const put = (key: string, text: string): number => {
    const Body = utf8Bytes(text);
    environment.call('s3', 'PutObject', { Bucket: bucket, Key: key, Body, ContentType: 'application/json' }, context);
    return Body.byteLength;
  };
  const files: Record<string, { Key: string; Size: number }[]> = { FAILED: [], PENDING: [], SUCCEEDED: [] };
  for (const outcome of ['SUCCEEDED', 'FAILED'] as const) {
    const some = results.filter(({ record }) => (record.status === 'SUCCEEDED') === (outcome === 'SUCCEEDED'));
    if (some.length === 0) continue;
    const key = `${folder}/${outcome}_0.json`;
    files[outcome]?.push({ Key: key, Size: put(key, JSON.stringify(some.map(describeResult))) });
  }
  const manifest = { DestinationBucket: bucket, MapRunArn: mapRunArn, ResultFiles: files };
  put(`${folder}/manifest.json`, JSON.stringify(manifest));
  return `${folder}/manifest.json`;
};

const describeResult = ({ record, input, output }: ChildResult) => ({
  ExecutionArn: record.arn,
  Input: input,
  InputDetails: { Included: true },
  Name: record.name,
  ...(record.cause === undefined ? {} : { Cause: record.cause }),
  ...(record.error === undefined ? {} : { Error: record.error }),
  ...(output === undefined ? {} : { Output: output, OutputDetails: { Included: true } }),
  RedriveCount: record.redriveCount,
  RedriveStatus: record.status === 'SUCCEEDED' ? 'NOT_REDRIVABLE' : 'REDRIVABLE',
  StartDate: instantText(new Date(record.startedAt)),
  StateMachineArn: record.machineArn,
  Status: record.status,
  StopDate: instantText(new Date(record.stoppedAt ?? record.startedAt)),
});
