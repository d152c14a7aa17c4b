export { type Arn, arn, parseArn } from './arn.ts';
export { regionName } from './regions.ts';
