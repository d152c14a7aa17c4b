import { Match } from 'aws-cdk-lib/assertions';
import { expect, it } from 'vitest';
import { fixtureFunction, fixtureStack, templateOf } from './fixture-stack.ts';
import { NotifyingBucket } from './notifying-bucket.ts';

it('a route needs no custom resource: it stands on the bucket, after the permission that S3 checks', () => {
  const stack = fixtureStack();
  const bucket = new NotifyingBucket(stack, 'Uploads', { bucketName: 'uploads-here' });
  bucket.notify(fixtureFunction(stack), { prefix: 'in/', suffix: '.csv' });

  const template = templateOf(stack);

  template.resourceCountIs('AWS::Lambda::Function', 1);
  template.hasResource('AWS::S3::Bucket', {
    DependsOn: [Match.stringLikeRegexp('UploadsInvokeWorker')],
    Properties: {
      NotificationConfiguration: {
        LambdaConfigurations: [
          {
            Event: 's3:ObjectCreated:*',
            Filter: {
              S3Key: {
                Rules: [
                  { Name: 'prefix', Value: 'in/' },
                  { Name: 'suffix', Value: '.csv' },
                ],
              },
            },
          },
        ],
      },
    },
  });
});

it('only this bucket of this account may invoke the function', () => {
  const stack = fixtureStack();
  const bucket = new NotifyingBucket(stack, 'Uploads', { bucketName: 'uploads-here' });
  bucket.notify(fixtureFunction(stack), { prefix: 'in/', suffix: '.csv' });

  const template = templateOf(stack);

  template.hasResourceProperties('AWS::Lambda::Permission', {
    Principal: 's3.amazonaws.com',
    SourceAccount: { Ref: 'AWS::AccountId' },
    SourceArn: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':s3:::uploads-here']] },
  });
});

it('a function that also reads the bucket makes no circle', () => {
  const stack = fixtureStack();
  const worker = fixtureFunction(stack);
  const bucket = new NotifyingBucket(stack, 'Uploads', { bucketName: 'uploads-here' });
  bucket.notify(worker, { prefix: 'in/', suffix: '.csv' });
  worker.allow('Read', ['s3:GetObject'], [bucket.arnForKeys('in/')]);

  // Template.fromStack refuses cyclic templates.
  expect(() => templateOf(stack)).not.toThrow();
});
