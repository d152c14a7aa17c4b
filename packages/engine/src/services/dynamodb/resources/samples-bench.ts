import type { ResourceSamples } from '../../../core/resources/samples-bench.ts';

/** One resource of each type, and what it needs. */
export const samples: ResourceSamples = ({ turn, Tags, only, att }) => ({
  Items: {
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
      StreamSpecification: { StreamViewType: turn === 1 ? 'KEYS_ONLY' : 'NEW_IMAGE' },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: turn === 1 },
      KinesisStreamSpecification: {
        StreamArn: att('Clicks'),
        ...only(2, 'ApproximateCreationDateTimePrecision', 'MICROSECOND'),
      },
      Tags,
      ...only(2, 'TimeToLiveSpecification', { AttributeName: 'expires_at', Enabled: true }),
    },
  },
});
