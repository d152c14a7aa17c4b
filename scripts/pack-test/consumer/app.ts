/** A user's own CDK app, which knows the constructs by their package alone. */
import { join } from 'node:path';
import { NotifyingBucket, OnFailureQueue, PipelineFunction, scheduledRecovery } from '@holdfast/constructs';
import { App, Aws, CfnOutput, Stack } from 'aws-cdk-lib';
import * as sns from 'aws-cdk-lib/aws-sns';

const app = new App({ outdir: 'cdk.out', analyticsReporting: false });
const stack = new Stack(app, 'Orders');
const archive = new NotifyingBucket(stack, 'Archive', { bucketName: `orders-archive-${Aws.ACCOUNT_ID}` });
const orders = new PipelineFunction(stack, 'Function', {
  functionName: 'orders',
  entry: join(process.cwd(), 'handler.ts'),
  description: 'Books orders',
});
const failures = new OnFailureQueue(stack, 'Failures', { target: orders });
scheduledRecovery()(stack, { failures, alerts: new sns.Topic(stack, 'Alerts'), archive });
new CfnOutput(stack, 'ArchiveBucket', { value: archive.bucketName });
app.synth();
