import { canonicalJson } from '@holdfast/engine';
import type { IdSource } from '@holdfast/kernel';
import type { ResourceRecord } from './stack-record.ts';
import type { Stack } from './stack-table.ts';

interface EventSource {
  readonly ids: IdSource;
  readonly now: () => number;
}

/** Records the stack's present status as an event of the stack itself. */
export const recordStackEvent = (stack: Stack, { ids, now }: EventSource): void => {
  const { stackName, status, statusReason, clientRequestToken: token } = stack.record;
  stack.addEvent({
    eventId: ids.uuid(),
    logicalId: stackName,
    physicalId: stack.id,
    type: 'AWS::CloudFormation::Stack',
    status,
    ...(statusReason === undefined ? {} : { reason: statusReason }),
    ...(token === undefined ? {} : { token }),
    at: stack.nextEventAt(now()),
  });
};

/** Records the present status of one of the stack's resources. */
export const recordResourceEvent = (
  stack: Stack,
  { now }: Pick<EventSource, 'now'>,
  resource: ResourceRecord,
): void => {
  const { clientRequestToken: token } = stack.record;
  const at = stack.nextEventAt(now());
  stack.addEvent({
    eventId: `${resource.logicalId}-${resource.status}-${new Date(at).toISOString()}`,
    logicalId: resource.logicalId,
    physicalId: resource.physicalId ?? '',
    type: resource.type,
    status: resource.status,
    ...(resource.statusReason === undefined ? {} : { reason: resource.statusReason }),
    properties: canonicalJson(resource.properties),
    ...(token === undefined ? {} : { token }),
    at,
  });
};
