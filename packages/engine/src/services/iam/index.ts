import type { ServiceDescriptor } from '../../core/index.ts';
import { resourceTypes } from './resources/index.ts';
import { IamService } from './service.ts';

const UNENFORCED = 'IAM policies are kept, not enforced: every caller may do everything (docs/fidelity/iam.md)';

export const iam: ServiceDescriptor = {
  id: 'iam',
  name: 'AWS IAM',
  wire: {
    signingName: 'iam',
    target: 'AWSIdentityManagementV20100508',
    protocol: 'query',
    apiVersion: '2010-05-08',
  },
  sdk: () => import('@aws-sdk/client-iam'),
  storedOnly: {
    AttachGroupPolicy: UNENFORCED,
    AttachRolePolicy: UNENFORCED,
    AttachUserPolicy: UNENFORCED,
    CreatePolicy: UNENFORCED,
    PutGroupPolicy: UNENFORCED,
    PutRolePolicy: UNENFORCED,
    PutUserPolicy: UNENFORCED,
  },
  offers: { lends: ['principals'] },
  resourceTypes,
  create: (environment) => new IamService(environment),
};
