import type { ResourceSamples } from '../../../core/resources/samples-bench.ts';

/** One resource of each type, and what it needs. */
export const samples: ResourceSamples = ({ turn, text, Tags, att, ref }) => ({
  MasterKey: {
    Type: 'AWS::KMS::Key',
    Properties: {
      Description: text,
      EnableKeyRotation: turn === 1,
      KeyPolicy: {
        Version: '2012-10-17',
        Id: text,
        Statement: [{ Effect: 'Allow', Principal: { AWS: '000000000000' }, Action: 'kms:*', Resource: '*' }],
      },
      PendingWindowInDays: 7,
      Tags,
    },
  },
  OtherKey: { Type: 'AWS::KMS::Key', Properties: { Enabled: turn === 1 } },
  KeyAlias: {
    Type: 'AWS::KMS::Alias',
    Properties: { AliasName: 'alias/shop', TargetKeyId: turn === 1 ? att('OtherKey') : ref('OtherKey') },
  },
});
