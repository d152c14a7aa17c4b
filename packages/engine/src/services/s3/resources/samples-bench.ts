import type { ResourceSamples } from '../../../core/resources/samples-bench.ts';

/** One resource of each type, and what it needs. */
export const samples: ResourceSamples = ({ turn, text, Tags, only, att, ref, document }) => ({
  Files: {
    Type: 'AWS::S3::Bucket',
    Properties: {
      Tags,
      VersioningConfiguration: { Status: turn === 1 ? 'Enabled' : 'Suspended' },
      ...only(1, 'BucketEncryption', {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      }),
      ...only(1, 'CorsConfiguration', {
        CorsRules: [{ AllowedMethods: ['GET'], AllowedOrigins: ['*'], ExposedHeaders: ['ETag'], MaxAge: 60 }],
      }),
      LifecycleConfiguration: {
        Rules: [
          {
            Id: 'old',
            Status: 'Enabled',
            Prefix: 'done/',
            ExpirationInDays: turn,
            TagFilters: [{ Key: 'a', Value: 'b' }],
          },
          { Status: 'Enabled', Transitions: [{ StorageClass: 'GLACIER', TransitionInDays: 30 }] },
        ],
      },
      ...only(1, 'OwnershipControls', { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] }),
      PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: turn === 1 },
      NotificationConfiguration: {
        EventBridgeConfiguration: { EventBridgeEnabled: turn === 1 },
      },
    },
  },
  ToldFiles: {
    Type: 'Custom::S3BucketNotifications',
    Properties: {
      BucketName: ref('Heard'),
      NotificationConfiguration: turn === 1 ? { EventBridgeConfiguration: {} } : {},
      Managed: true,
    },
  },
  Heard: { Type: 'AWS::S3::Bucket' },
  EmptiedFiles: {
    Type: 'Custom::S3AutoDeleteObjects',
    Properties: { ServiceToken: text, BucketName: ref('Heard') },
  },
  FilesPolicy: {
    Type: 'AWS::S3::BucketPolicy',
    Properties: {
      Bucket: ref('Files'),
      PolicyDocument: document(
        turn === 1 ? 's3:GetObject' : 's3:PutObject',
        { 'Fn::Join': ['', [att('Files'), '/*']] },
        'logs.amazonaws.com',
      ),
    },
  },
});
