export { type Arn, assumedRoleArn, bucketArn, makeArn, parseArn, rootArn } from './arn.ts';
export { regionName } from './regions.ts';
