import type { ServiceDescriptor } from '../../core/index.ts';
import { resourceTypes } from './resources/index.ts';
import { S3Service } from './service.ts';

const UNENFORCED = 'bucket policies and access blocks are kept, not enforced (docs/fidelity/s3.md)';

export const s3: ServiceDescriptor = {
  id: 's3',
  name: 'Amazon S3',
  wire: {
    signingName: 's3',
    target: 'AmazonS3',
    protocol: 'rest-xml',
    apiVersion: '2006-03-01',
    signingAliases: ['s3express'],
    paths: 'any',
  },
  sdk: () => import('@aws-sdk/client-s3'),
  storedOnly: {
    PutBucketLifecycleConfiguration: 'lifecycle rules of buckets are kept, never run (docs/fidelity/s3.md)',
    PutBucketOwnershipControls: UNENFORCED,
    PutBucketPolicy: UNENFORCED,
    PutPublicAccessBlock: UNENFORCED,
  },
  resourceTypes,
  offers: { targets: ['bucket'], lends: ['objects'] },
  create: (environment) => new S3Service(environment),
};
