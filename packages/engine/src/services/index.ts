import type { ServiceDescriptor } from '../core/index.ts';
import { apigatewayv2 } from './apigatewayv2/index.ts';
import { cloudwatch } from './cloudwatch/index.ts';
import { dynamodb } from './dynamodb/index.ts';
import { dynamodbstreams } from './dynamodbstreams/index.ts';
import { events } from './events/index.ts';
import { iam } from './iam/index.ts';
import { kinesis } from './kinesis/index.ts';
import { kms } from './kms/index.ts';
import { lambda } from './lambda/index.ts';
import { logs } from './logs/index.ts';
import { pipes } from './pipes/index.ts';
import { s3 } from './s3/index.ts';
import { scheduler } from './scheduler/index.ts';
import { secretsmanager } from './secretsmanager/index.ts';
import { sns } from './sns/index.ts';
import { sqs } from './sqs/index.ts';
import { ssm } from './ssm/index.ts';
import { stepfunctions } from './stepfunctions/index.ts';
import { sts } from './sts/index.ts';
import { xray } from './xray/index.ts';

/**
 * Every service that is played: adding one is its folder and a line here.
 *
 * Of services that sign with one name and cannot be told apart otherwise, the first gets the request.
 */
export const SERVICES: readonly ServiceDescriptor[] = [
  cloudwatch,
  logs,
  kms,
  sqs,
  sns,
  lambda,
  events,
  s3,
  dynamodb,
  dynamodbstreams,
  kinesis,
  ssm,
  secretsmanager,
  xray,
  iam,
  sts,
  scheduler,
  stepfunctions,
  pipes,
  apigatewayv2,
];
