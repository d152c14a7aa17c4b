export {
  type Arn,
  assumedRoleArn,
  awsPolicyArn,
  bucketArn,
  callerNames,
  functionArn,
  lastNameIn,
  makeArn,
  parseArn,
  rootArn,
} from './arn.ts';
export { type Failure, type FailureMessage, readFailure } from './read-failure.ts';
export { regionName } from './regions.ts';
