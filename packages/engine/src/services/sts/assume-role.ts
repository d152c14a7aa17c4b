import type { AssumeRoleCommandInput, AssumeRoleCommandOutput } from '@aws-sdk/client-sts';
import { assumedRoleArn, lastNameIn } from '@holdfast/aws-model';
import { base64OfBytes, bytesOfHex } from '@holdfast/kernel';
import {
  Constraints,
  principalIdOf,
  type RequestContext,
  type Result,
  type ServiceEnvironment,
  ServiceError,
} from '../../core/index.ts';
import type { Sessions } from './sessions.ts';

const SESSION_SECONDS_DEFAULT = 3600;
const CHAINED_SECONDS_MAX = 3600;
const TAGS_MAX = 50;
const ROLE_ARN = /^arn:aws[\w-]*:iam::\d{12}:role\/(?:[\u0021-\u007e]+\/)?[\w+=,.@-]+$/;

const invalid = (message: string): ServiceError => new ServiceError('InvalidParameterValue', message, 400);

/** Keys of tags differ by more than their case. */
const checkTags = (
  { Tags = [], TransitiveTagKeys = [] }: AssumeRoleCommandInput,
  inherited: readonly string[],
): readonly string[] => {
  const keys = Tags.map(({ Key }) => (Key ?? '').toLowerCase());
  const transitive = TransitiveTagKeys.map((key) => key.toLowerCase());
  if (new Set(keys).size < keys.length) {
    throw invalid('Duplicate tag keys found. Please note that Tag keys are case insensitive.');
  }
  if (!transitive.every((key) => keys.includes(key))) {
    throw invalid('The specified transitive tag key must be included in the requested tags.');
  }
  if (keys.some((key) => inherited.includes(key))) {
    throw invalid(
      "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
    );
  }
  return [...inherited, ...transitive];
};

const check = (input: AssumeRoleCommandInput): string => {
  new Constraints()
    .required('roleArn', input.RoleArn)
    .length('roleArn', input.RoleArn, 20, 2048)
    .required('roleSessionName', input.RoleSessionName)
    .length('roleSessionName', input.RoleSessionName, 2, 64)
    .pattern('roleSessionName', input.RoleSessionName, /^[\w+=,.@-]*$/, '[\\w+=,.@-]*')
    .range('durationSeconds', input.DurationSeconds, 900, 43_200)
    .length('tags', input.Tags, 0, TAGS_MAX)
    .length('transitiveTagKeys', input.TransitiveTagKeys, 0, TAGS_MAX)
    .check('ValidationError');
  const roleArn = input.RoleArn as string;
  if (!ROLE_ARN.test(roleArn)) throw new ServiceError('ValidationError', `${roleArn} is invalid`, 400);
  return roleArn;
};

/** How long a session may be: as its role says, and an hour for who is in a role already. */
const checkDuration = (seconds: number, roleSecondsMax: number, isChained: boolean): void => {
  if (isChained && seconds > CHAINED_SECONDS_MAX) {
    throw new ServiceError(
      'ValidationError',
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
      400,
    );
  }
  if (seconds > roleSecondsMax) {
    throw new ServiceError(
      'ValidationError',
      'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
      400,
    );
  }
};

/** Credentials by which the engine knows who calls. Any role may be assumed by anybody, whether it is there or not. */
export const assumeRole = (
  environment: ServiceEnvironment,
  sessions: Sessions,
  input: AssumeRoleCommandInput,
  { now, accessKeyId = '', callerArn = '' }: RequestContext,
): Result<AssumeRoleCommandOutput> => {
  const roleArn = check(input);
  const { ids, principals } = environment;
  const account = roleArn.split(':')[4] as string;
  const name = lastNameIn(roleArn);
  const role = principals.role(account, name);
  const seconds = input.DurationSeconds ?? SESSION_SECONDS_DEFAULT;
  checkDuration(seconds, role?.maxSessionSeconds ?? seconds, callerArn.includes(':assumed-role/'));
  const transitiveTagKeys = checkTags(input, sessions.sessionOf(accessKeyId)?.transitiveTagKeys ?? []);
  const arn = assumedRoleArn(account, name, input.RoleSessionName as string);
  const key = `ASIA${ids.hex(16).toUpperCase()}`;
  const expiresAt = now + seconds * 1000;
  sessions.add(key, { account, arn, expiresAt, transitiveTagKeys }, now);
  return {
    Credentials: {
      AccessKeyId: key,
      SecretAccessKey: base64OfBytes(bytesOfHex(ids.hex(60))),
      SessionToken: base64OfBytes(bytesOfHex(ids.hex(300))),
      Expiration: new Date(expiresAt),
    },
    AssumedRoleUser: { AssumedRoleId: principalIdOf(environment, arn) as string, Arn: arn },
    ...(input.SourceIdentity === undefined ? {} : { SourceIdentity: input.SourceIdentity }),
  };
};
