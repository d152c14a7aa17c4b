import type * as Sdk from '@aws-sdk/client-eventbridge';
import { Constraints, type Operations, operation, type RequestContext, ServiceError } from '../../core/index.ts';
import type { ArchiveRegistry } from './archive-registry.ts';
import type { BusRegistry } from './bus-registry.ts';
import { limitExceeded, validation } from './errors.ts';
import { pageOf } from './paging.ts';
import { isActive, type Replays, replayArnOf, type StoredReplay } from './replays.ts';

/** Replays at the same time, per account and region. */
const ACTIVE_MAX = 10;

const listed = (replay: StoredReplay) => ({
  ReplayName: replay.name,
  EventSourceArn: replay.archiveArn,
  State: replay.state,
  ...(replay.reason === undefined ? {} : { StateReason: replay.reason }),
  EventStartTime: new Date(replay.eventStartTime),
  EventEndTime: new Date(replay.eventEndTime),
  ...(replay.lastReplayedAt === undefined ? {} : { EventLastReplayedTime: new Date(replay.lastReplayedAt) }),
  ReplayStartTime: new Date(replay.startedAt),
  ...(replay.endedAt === undefined ? {} : { ReplayEndTime: new Date(replay.endedAt) }),
});

/** Operations on replays. */
export const replayOperations = (
  registry: BusRegistry,
  archives: ArchiveRegistry,
  replays: Replays,
): Operations<typeof Sdk> => {
  const get = (name: string | undefined, { account, region }: RequestContext): StoredReplay => {
    new Constraints().required('replayName', name).check();
    const replay = replays.find(replayArnOf(account, region, name as string));
    if (replay === undefined) {
      throw new ServiceError('ResourceNotFoundException', `Replay ${name} does not exist.`, 400);
    }
    return replay;
  };
  return {
    StartReplay: operation(
      ['ReplayName', 'Description', 'EventSourceArn', 'EventStartTime', 'EventEndTime', 'Destination'],
      (input, context) => {
        new Constraints()
          .required('replayName', input.ReplayName)
          .length('replayName', input.ReplayName, 1, 64)
          .pattern('replayName', input.ReplayName, /^[.\-_A-Za-z0-9]*$/, '[\\.\\-_A-Za-z0-9]+')
          .length('description', input.Description, 0, 512)
          .required('eventSourceArn', input.EventSourceArn)
          .required('eventStartTime', input.EventStartTime)
          .required('eventEndTime', input.EventEndTime)
          .required('destination', input.Destination)
          .check();
        const { account, region, now } = context;
        const name = input.ReplayName as string;
        const { Arn: busArn, FilterArns: filterArns } = input.Destination as { Arn: string; FilterArns?: string[] };
        const bus = registry.get(account, region, busArn);
        const [eventStartTime, eventEndTime] = [
          (input.EventStartTime as Date).getTime(),
          (input.EventEndTime as Date).getTime(),
        ];
        if (eventStartTime >= eventEndTime) {
          throw validation('Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime.');
        }
        const archiveArn = input.EventSourceArn as string;
        const archive = archives.find(archiveArn);
        if (archive === undefined) {
          const missing = archiveArn.split('/').at(-1);
          throw validation(`Parameter EventSourceArn is not valid. Reason: Archive ${missing} does not exist.`);
        }
        if (archive.stored.busArn !== bus.stored.arn) {
          throw validation('Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not permitted.');
        }
        const arn = replayArnOf(account, region, name);
        if (replays.find(arn) !== undefined) {
          throw new ServiceError('ResourceAlreadyExistsException', `Replay ${name} already exists.`, 400);
        }
        if (replays.all(account, region).filter(isActive).length >= ACTIVE_MAX) throw limitExceeded();
        replays.begin({
          arn,
          name,
          account,
          region,
          description: input.Description,
          archiveArn,
          busArn: bus.stored.arn,
          filterArns,
          eventStartTime,
          eventEndTime,
          startedAt: now,
          position: eventStartTime,
          state: 'STARTING',
        });
        return { ReplayArn: arn, State: 'STARTING' as const, ReplayStartTime: new Date(now) };
      },
    ),
    DescribeReplay: operation(['ReplayName'], (input, context) => {
      const replay = get(input.ReplayName, context);
      return {
        ReplayArn: replay.arn,
        ...listed(replay),
        ...(replay.description === undefined ? {} : { Description: replay.description }),
        Destination: {
          Arn: replay.busArn,
          ...(replay.filterArns === undefined ? {} : { FilterArns: [...replay.filterArns] }),
        },
      };
    }),
    ListReplays: operation(
      ['NamePrefix', 'State', 'EventSourceArn', 'NextToken', 'Limit'],
      (input, { account, region }) => {
        const found = replays
          .all(account, region)
          .filter(
            ({ name, state, archiveArn }) =>
              name.startsWith(input.NamePrefix ?? '') &&
              (input.State === undefined || state === input.State) &&
              (input.EventSourceArn === undefined || archiveArn === input.EventSourceArn),
          )
          .sort((a, b) => (a.name < b.name ? -1 : 1));
        const { page, ...next } = pageOf(found, ({ name }) => name, input.NextToken, input.Limit);
        return { Replays: page.map(listed), ...next };
      },
    ),
    CancelReplay: operation(['ReplayName'], (input, context) => {
      const replay = get(input.ReplayName, context);
      if (!isActive(replay) || replay.state === 'CANCELLING') {
        throw new ServiceError(
          'IllegalStatusException',
          `Replay ${replay.name} is not in a valid state for this operation.`,
          400,
        );
      }
      const { arn, state, reason } = replays.cancel(replay);
      return { ReplayArn: arn, State: state, ...(reason === undefined ? {} : { StateReason: reason }) };
    }),
  };
};
