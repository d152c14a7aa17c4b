export { type Arn, arn, parseArn } from './arn.ts';
