import type * as Sdk from '@aws-sdk/client-sts';
import type {
  AssumeRoleCommandInput,
  AssumeRoleCommandOutput,
  GetCallerIdentityCommandOutput,
} from '@aws-sdk/client-sts';
import { assumedRoleArn, makeArn, rootArn } from '@holdfast/aws-model';
import { base64OfBytes, bytesOfHex, type Digest, onDemand } from '@holdfast/kernel';
import {
  Constraints,
  type Operations,
  operation,
  type RequestContext,
  type Result,
  type Service,
  type ServiceEnvironment,
  ServiceError,
} from '../../core/index.ts';

const SESSION_SECONDS_DEFAULT = 3600;
const ROLE_ARN = /^arn:aws[\w-]*:iam::\d{12}:role\/(?:[\u0021-\u007e]+\/)?[\w+=,.@-]+$/;

/** Hands out credentials of AWS's shape. They open nothing and are not checked; they name their role. */
export class StsService implements Service {
  readonly #operations: () => Operations<typeof Sdk>;
  readonly #environment: ServiceEnvironment;

  constructor(environment: ServiceEnvironment) {
    this.#environment = environment;
    this.#operations = onDemand(() => ({
      GetCallerIdentity: operation([], (_input, context) => callerIdentity(context, environment.digest)),
      AssumeRole: operation(
        ['RoleArn', 'RoleSessionName', 'DurationSeconds', 'ExternalId', 'SourceIdentity', 'Tags', 'TransitiveTagKeys'],
        (input, context) => this.#assumeRole(input, context),
      ),
    }));
  }

  get operations(): Operations<typeof Sdk> {
    return this.#operations();
  }

  #assumeRole(input: AssumeRoleCommandInput, { now }: RequestContext): Result<AssumeRoleCommandOutput> {
    new Constraints()
      .required('roleArn', input.RoleArn)
      .length('roleArn', input.RoleArn, 20, 2048)
      .required('roleSessionName', input.RoleSessionName)
      .length('roleSessionName', input.RoleSessionName, 2, 64)
      .pattern('roleSessionName', input.RoleSessionName, /^[\w+=,.@-]*$/, '[\\w+=,.@-]*')
      .range('durationSeconds', input.DurationSeconds, 900, 43_200)
      .check('ValidationError');
    const roleArn = input.RoleArn as string;
    if (!ROLE_ARN.test(roleArn)) throw new ServiceError('ValidationError', `${roleArn} is invalid`, 400);
    const account = roleArn.split(':')[4] as string;
    const role = roleArn.slice(roleArn.lastIndexOf('/') + 1);
    const { ids, digest } = this.#environment;
    const expiresAt = now + (input.DurationSeconds ?? SESSION_SECONDS_DEFAULT) * 1000;
    return {
      Credentials: {
        AccessKeyId: `ASIA${ids.hex(16).toUpperCase()}`,
        SecretAccessKey: base64OfBytes(bytesOfHex(ids.hex(60))),
        SessionToken: base64OfBytes(bytesOfHex(ids.hex(300))),
        Expiration: new Date(expiresAt),
      },
      AssumedRoleUser: {
        AssumedRoleId: `${roleId(digest.sha256Hex(roleArn))}:${input.RoleSessionName}`,
        Arn: assumedRoleArn(account, role, input.RoleSessionName as string),
      },
      ...(input.SourceIdentity === undefined ? {} : { SourceIdentity: input.SourceIdentity }),
    };
  }
}

/** The same role always has the same id; it is not IAM's, which this service cannot see. */
const roleId = (hex: string): string => `AROA${hex.slice(0, 17).toUpperCase()}`;

/** The caller if the gateway knows it (a function's role session), else the account's root. */
const callerIdentity = (
  { account, callerArn }: RequestContext,
  digest: Digest,
): Result<GetCallerIdentityCommandOutput> => {
  if (callerArn === undefined) return { UserId: account, Account: account, Arn: rootArn(account) };
  const [role, session] = callerArn.split('/').slice(-2) as [string, string];
  const id = roleId(digest.sha256Hex(makeArn('iam', '', account, `role/${role}`)));
  return { UserId: `${id}:${session}`, Account: account, Arn: callerArn };
};
