import { expect, it } from 'vitest';
import { DeployerBench } from './deployer-bench.ts';

const KEY_ARN = { 'Fn::GetAtt': ['Key', 'Arn'] };

/** What is peculiar about the template of `cdk bootstrap`. */
const bootstrap = {
  Parameters: { KeyId: { Type: 'String', Default: '' } },
  Conditions: { CreateNewKey: { 'Fn::Equals': ['', { Ref: 'KeyId' }] } },
  Resources: {
    Key: { Type: 'AWS::KMS::Key', Condition: 'CreateNewKey', Properties: {} },
    Staging: {
      Type: 'AWS::S3::Bucket',
      DeletionPolicy: 'Retain',
      Properties: {
        BucketName: 'cdk-assets',
        AccessControl: 'Private',
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [
            {
              ServerSideEncryptionByDefault: {
                SSEAlgorithm: 'aws:kms',
                KMSMasterKeyID: { 'Fn::If': ['CreateNewKey', KEY_ARN, { Ref: 'AWS::NoValue' }] },
              },
            },
          ],
        },
        LifecycleConfiguration: {
          Rules: [
            { Id: 'CleanupOldVersions', Status: 'Enabled', NoncurrentVersionExpiration: { NoncurrentDays: 30 } },
            {
              Id: 'AbortIncompleteMultipartUploads',
              Status: 'Enabled',
              AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
            },
          ],
        },
      },
    },
    Images: {
      Type: 'AWS::ECR::Repository',
      Properties: {
        ImageTagMutability: 'IMMUTABLE',
        RepositoryName: 'cdk-images',
        LifecyclePolicy: { LifecyclePolicyText: '{}' },
        RepositoryPolicyText: { Version: '2012-10-17', Statement: [] },
      },
    },
  },
  Outputs: { Images: { Value: { 'Fn::GetAtt': ['Images', 'Arn'] } } },
};

const MANAGED_KEY = [{ ParameterKey: 'KeyId', ParameterValue: 'AWS_MANAGED_KEY' }];

it('the stack of cdk bootstrap is made by the change set that the CDK CLI sends', async () => {
  const bench = new DeployerBench();

  await bench.cloudFormation('CreateChangeSet', {
    StackName: 'CDKToolkit',
    ChangeSetName: 'cdk-deploy-change-set',
    ChangeSetType: 'CREATE',
    TemplateBody: JSON.stringify(bootstrap),
    Parameters: MANAGED_KEY,
    ImportExistingResources: true,
    IncludeNestedStacks: true,
    DeploymentConfig: { Mode: 'STANDARD' },
  });
  await bench.cloudFormation('ExecuteChangeSet', {
    StackName: 'CDKToolkit',
    ChangeSetName: 'cdk-deploy-change-set',
  });
  const stack = await bench.settle('CDKToolkit');

  expect(stack.StackStatus).toBe('CREATE_COMPLETE');
  expect(stack.Outputs).toMatchObject([{ OutputValue: 'arn:aws:ecr:us-east-1:000000000000:repository/cdk-images' }]);
  await expect(bench.call('s3', 'HeadBucket', { Bucket: 'cdk-assets' })).resolves.toBeDefined();
});

it('a type that is not modelled is refused only when its condition holds', async () => {
  const bench = new DeployerBench();

  const Network = { Type: 'AWS::EC2::VPC', Condition: 'CreateNewKey', Properties: {} };
  const template = { ...bootstrap, Resources: { ...bootstrap.Resources, Network } };

  await expect(bench.create('CDKToolkit', template)).rejects.toThrow(
    'Holdfast does not support the resource type AWS::EC2::VPC (resource Network)',
  );
  await expect(
    bench.cloudFormation('ValidateTemplate', { TemplateBody: JSON.stringify(template) }),
  ).resolves.toBeDefined();
  expect((await bench.create('CDKToolkit', template, { Parameters: MANAGED_KEY })).StackStatus).toBe('CREATE_COMPLETE');
});

it.each([
  [{ AccessControl: 'PublicRead' }, 'AWS::S3::Bucket with AccessControl (resource Files)'],
  [
    { LifecycleConfiguration: { Rules: [{ Id: 'old', Status: 'Enabled' }] } },
    'AWS::S3::Bucket with LifecycleConfiguration/Rules/0 (resource Files)',
  ],
])('a bucket with %j is refused by name', async (Properties, refusal) => {
  const template = { Resources: { Files: { Type: 'AWS::S3::Bucket', Properties } } };

  await expect(new DeployerBench().create('files', template)).rejects.toThrow(refusal);
});

it.each(['CreateStack', 'UpdateStack', 'DeleteStack', 'CreateChangeSet'])(
  '%s refuses the express mode',
  async (action) => {
    const input = { StackName: 'shop', DeploymentConfig: { Mode: 'EXPRESS' } };

    await expect(new DeployerBench().cloudFormation(action, input)).rejects.toThrow(
      `Holdfast does not support ${action} with DeploymentConfig Mode EXPRESS`,
    );
  },
);

it('a version parameter that a deployed assembly left behind is taken over, any other is not', async () => {
  const bench = new DeployerBench();
  const create = async (Name: string) => {
    await bench.call('ssm', 'PutParameter', { Name, Type: 'String', Value: '21' });
    const Version = { Type: 'AWS::SSM::Parameter', Properties: { Name, Type: 'String', Value: '33' } };
    const { StackStatus } = await bench.create(`with-${Name.length}`, { Resources: { Version } });
    const { Parameter } = await bench.call<{ Parameter: { Value: string } }>('ssm', 'GetParameter', { Name });
    return [StackStatus, Parameter.Value];
  };

  expect(await create('/cdk-bootstrap/hnb659fds/version')).toEqual(['CREATE_COMPLETE', '33']);
  expect(await create('/other')).toEqual(['ROLLBACK_COMPLETE', '21']);
});
