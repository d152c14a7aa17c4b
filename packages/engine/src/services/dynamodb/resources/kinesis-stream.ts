import type { MemberShapes, PropertiesOf, ResourceContext } from '../../../core/index.ts';
import { ResourceFailure } from '../../../core/index.ts';

export const KINESIS_STREAM = {
  ApproximateCreationDateTimePrecision: 'string',
  StreamArn: 'string',
} as const satisfies MemberShapes;

type KinesisStream = PropertiesOf<typeof KINESIS_STREAM>;

interface Destination extends KinesisStream {
  readonly DestinationStatus: string;
  readonly DestinationStatusDescription?: string;
}

const precisionOf = ({ ApproximateCreationDateTimePrecision = 'MILLISECOND' }: KinesisStream): string =>
  ApproximateCreationDateTimePrecision;

/**
 * Lets the changes of a table go into this Kinesis stream, or none. It goes by what there is and not by what was wanted before: an
 * update that comes back from a failure finds either.
 */
export const replicateInto = async (
  TableName: string,
  wanted: KinesisStream | undefined,
  context: ResourceContext,
): Promise<void> => {
  const call = <Output>(verb: string, input: object) =>
    context.call<Output>('dynamodb', `${verb}KinesisStreamingDestination`, { TableName, ...input });
  const destinations = async () => {
    const answer = await call<{ KinesisDataStreamDestinations: readonly Destination[] }>('Describe', {});
    return answer.KinesisDataStreamDestinations;
  };
  const live = (await destinations()).find(({ DestinationStatus }) => DestinationStatus === 'ACTIVE');
  if (wanted !== undefined && live?.StreamArn === wanted.StreamArn) {
    const ApproximateCreationDateTimePrecision = precisionOf(wanted);
    if (precisionOf(live ?? {}) === ApproximateCreationDateTimePrecision) return;
    await call('Update', {
      StreamArn: wanted.StreamArn,
      UpdateKinesisStreamingConfiguration: { ApproximateCreationDateTimePrecision },
    });
    return;
  }
  if (live !== undefined) await call('Disable', { StreamArn: live.StreamArn });
  if (wanted === undefined) return;
  const { StreamArn, ...configuration } = wanted;
  await call('Enable', { StreamArn, EnableKinesisStreamingConfiguration: configuration });
  let enabled: Destination | undefined;
  await context.until(async () => {
    enabled = (await destinations()).find((destination) => destination.StreamArn === StreamArn);
    return enabled?.DestinationStatus !== 'ENABLING';
  }, `Kinesis stream of table ${TableName}`);
  if (enabled?.DestinationStatus !== 'ACTIVE') throw new ResourceFailure(enabled?.DestinationStatusDescription ?? '');
};
