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

it('an archive with a key is refused by name', async () => {
  const archive = (KmsKeyIdentifier: string) => ({
    Resources: {
      Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'b' } },
      Kept: {
        Type: 'AWS::Events::Archive',
        Properties: { SourceArn: { 'Fn::GetAtt': ['Bus', 'Arn'] }, KmsKeyIdentifier },
      },
    },
  });

  await expect(new DeployerBench().create('events', archive('alias/mine'))).rejects.toThrow(
    'AWS::Events::Archive with KmsKeyIdentifier (resource Kept)',
  );
  expect((await new DeployerBench().create('events', archive(''))).StackStatus).toBe('CREATE_COMPLETE');
});

it('a bucket that everybody may read is none while there are no ACLs, and is refused by name where there are', async () => {
  const bench = new DeployerBench();
  const template = (AccessControl: string, ObjectOwnership?: string) => {
    const OwnershipControls = { Rules: [{ ObjectOwnership }] };
    const Properties = { AccessControl, ...(ObjectOwnership === undefined ? {} : { OwnershipControls }) };
    return { Resources: { Files: { Type: 'AWS::S3::Bucket', Properties } } };
  };
  const failures = async (stackId: string | undefined) =>
    (await bench.events(stackId as string))
      .filter(
        ({ LogicalResourceId, ResourceStatus }) =>
          LogicalResourceId === 'Files' && /FAILED$/.test(ResourceStatus ?? ''),
      )
      .map(({ ResourceStatusReason }) => ResourceStatusReason);

  for (const ownership of [undefined, 'BucketOwnerEnforced']) {
    const { StackStatus, StackId } = await bench.create(`no-acls-${ownership}`, template('PublicRead', ownership));
    expect(StackStatus).toBe('ROLLBACK_COMPLETE');
    expect(await failures(StackId)).toEqual([
      expect.stringContaining("Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"),
    ]);
  }
  await expect(bench.create('acls', template('LogDeliveryWrite', 'ObjectWriter'))).rejects.toThrow(
    'AWS::S3::Bucket with AccessControl (resource Files)',
  );
  // Only when it is made is it known what this one wants.
  const chosen = {
    ...template('', 'ObjectWriter'),
    Parameters: { Access: { Type: 'String', Default: 'PublicRead' } },
  };
  Object.assign(chosen.Resources.Files.Properties, { AccessControl: { Ref: 'Access' } });
  const { StackId } = await bench.create('chosen', chosen);
  expect(await failures(StackId)).toEqual([expect.stringContaining('CreateBucket with ACL public-read')]);
  const readable = await bench.create('readable', template('BucketOwnerRead', 'ObjectWriter'));
  expect(readable.StackStatus).toBe('CREATE_COMPLETE');
  // Those are S3's own names, and nobody's.
  for (const name of ['private', 'constructor']) {
    const { StackStatus, StackId } = await bench.create(`called-${name}`, template(name));
    expect(StackStatus).toBe('ROLLBACK_COMPLETE');
    expect(await failures(StackId)).toEqual([`#/AccessControl: ${name} is not a valid enum value`]);
  }
  const created = await bench.create('own', template('BucketOwnerFullControl'));
  expect(created.StackStatus).toBe('CREATE_COMPLETE');
  const updated = await bench.update('own', template('PublicRead'));
  expect(updated.StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(await failures(updated.StackId)).toEqual([expect.stringContaining('The bucket does not allow ACLs')]);
  const preferred = await bench.update('own', template('Private', 'BucketOwnerPreferred'));
  expect(preferred.StackStatus).toBe('UPDATE_COMPLETE');
});

it('lifecycle rules and CORS of a bucket arrive in the form of the API, and leave with their properties', async () => {
  const bench = new DeployerBench();
  const template = (Properties: object) => ({ Resources: { Files: { Type: 'AWS::S3::Bucket', Properties } } });
  const rule = { Id: 'old', Status: 'Enabled', Prefix: 'done/', ExpirationInDays: 7, ObjectSizeLessThan: '100' };
  await bench.create(
    'files',
    template({
      BucketName: 'files',
      LifecycleConfiguration: {
        Rules: [rule, { Id: 'b', Status: 'Disabled', Transition: { StorageClass: 'GLACIER', TransitionInDays: 1 } }],
      },
      CorsConfiguration: { CorsRules: [{ AllowedMethods: ['PUT'], AllowedOrigins: ['*'], MaxAge: 60 }] },
    }),
  );
  expect((await bench.call('s3', 'GetBucketLifecycleConfiguration', { Bucket: 'files' }))['Rules']).toEqual([
    {
      ID: 'old',
      Status: 'Enabled',
      Filter: { And: { Prefix: 'done/', ObjectSizeLessThan: 100 } },
      Expiration: { Days: 7 },
    },
    { ID: 'b', Status: 'Disabled', Filter: {}, Transitions: [{ StorageClass: 'GLACIER', Days: 1 }] },
  ]);
  expect((await bench.call('s3', 'GetBucketCors', { Bucket: 'files' }))['CORSRules']).toEqual([
    { AllowedMethods: ['PUT'], AllowedOrigins: ['*'], MaxAgeSeconds: 60 },
  ]);

  await bench.update('files', template({ BucketName: 'files' }));
  await expect(bench.call('s3', 'GetBucketLifecycleConfiguration', { Bucket: 'files' })).rejects.toThrow('lifecycle');
  await expect(bench.call('s3', 'GetBucketCors', { Bucket: 'files' })).rejects.toThrow('CORS');
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
