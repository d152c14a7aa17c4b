export { type Arn, assumedRoleArn, bucketArn, callerNames, lastNameIn, makeArn, parseArn, rootArn } from './arn.ts';
export { type Failure, type FailureMessage, readFailure } from './read-failure.ts';
export { regionName } from './regions.ts';
