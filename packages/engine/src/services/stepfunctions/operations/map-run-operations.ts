import type * as Sdk from '@aws-sdk/client-sfn';
import { type Operations, operation } from '../../../core/index.ts';
import { readArn } from '../arns.ts';
import { invalidArn, resourceMissing } from '../errors.ts';
import type { StoredMapRun } from '../map-runs/map-run.ts';
import type { StatesWiring } from '../wiring.ts';
import { takePage } from './paging.ts';

export const mapRunOperations = ({ desk }: StatesWiring): Operations<typeof Sdk> => {
  const { mapRuns } = desk;
  const find = (arn: string | undefined): StoredMapRun => {
    const text = arn ?? '';
    if (readArn(text).kind !== 'mapRun') throw invalidArn(text);
    const run = mapRuns.table.get(text);
    if (run === undefined) throw resourceMissing(text);
    return run;
  };
  return {
    DescribeMapRun: operation(['mapRunArn'], (input) => {
      const run = find(input.mapRunArn);
      const children = mapRuns.executionsOf(run.arn);
      const count = (status: string) => children.filter((child) => child.status === status).length;
      const succeeded = count('SUCCEEDED');
      const counts = {
        pending: run.total - children.length,
        ...(run.redriveCount === undefined ? {} : { pendingRedrive: count('PENDING_REDRIVE') }),
        running: count('RUNNING'),
        succeeded,
        failed: count('FAILED'),
        timedOut: count('TIMED_OUT'),
        aborted: count('ABORTED'),
        total: run.total,
        resultsWritten: run.status === 'RUNNING' ? 0 : succeeded,
      };
      return {
        mapRunArn: run.arn,
        executionArn: run.executionArn,
        status: run.status,
        startDate: new Date(run.startedAt),
        ...(run.stoppedAt === undefined ? {} : { stopDate: new Date(run.stoppedAt) }),
        maxConcurrency: run.maxConcurrency,
        toleratedFailurePercentage: run.toleratedPercentage ?? 0,
        toleratedFailureCount: run.toleratedCount ?? 0,
        itemCounts: run.itemsTotal === run.total ? counts : { ...counts, total: run.itemsTotal },
        executionCounts: counts,
        redriveCount: run.redriveCount ?? 0,
        ...(run.redrivenAt === undefined ? {} : { redriveDate: new Date(run.redrivenAt) }),
      };
    }),
    ListMapRuns: operation(['executionArn', 'maxResults', 'nextToken'], (input) => {
      const { arn } = desk.find(input.executionArn ?? '');
      const { page, nextToken } = takePage(mapRuns.of(arn).reverse(), input, { scope: arn });
      return {
        mapRuns: page.map((run) => ({
          executionArn: run.executionArn,
          mapRunArn: run.arn,
          stateMachineArn: `${run.machineArn}/${run.label}`,
          startDate: new Date(run.startedAt),
          ...(run.stoppedAt === undefined ? {} : { stopDate: new Date(run.stoppedAt) }),
        })),
        nextToken,
      };
    }),
    UpdateMapRun: operation(
      ['mapRunArn', 'maxConcurrency', 'toleratedFailurePercentage', 'toleratedFailureCount'],
      (input) => {
        const run = find(input.mapRunArn);
        mapRuns.update({
          ...run,
          maxConcurrency: input.maxConcurrency ?? run.maxConcurrency,
          toleratedPercentage: input.toleratedFailurePercentage ?? run.toleratedPercentage,
          toleratedCount: input.toleratedFailureCount ?? run.toleratedCount,
        });
        return {};
      },
    ),
  };
};
