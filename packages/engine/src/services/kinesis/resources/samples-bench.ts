import type { ResourceSamples } from '../../../core/resources/samples-bench.ts';

/** One resource of each type, and what it needs. */
export const samples: ResourceSamples = ({ turn, Tags, only }) => ({
  Clicks: {
    Type: 'AWS::Kinesis::Stream',
    Properties: {
      ShardCount: turn,
      RetentionPeriodHours: 24 * turn,
      Tags,
      ...only(1, 'StreamEncryption', { EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' }),
    },
  },
});
