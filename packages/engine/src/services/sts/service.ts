import type * as Sdk from '@aws-sdk/client-sts';
import type { GetCallerIdentityCommandOutput } from '@aws-sdk/client-sts';
import { rootArn } from '@holdfast/aws-model';
import { onDemand } from '@holdfast/kernel';
import {
  type Lent,
  type Operations,
  operation,
  type PrincipalIds,
  principalIdOf,
  type RequestContext,
  type Result,
  type Service,
  type ServiceEnvironment,
} from '../../core/index.ts';
import { assumeRole } from './assume-role.ts';
import { Sessions } from './sessions.ts';

/** Hands out credentials of AWS's shape. They open nothing and are not checked; they say who calls. */
export class StsService implements Service {
  readonly lends: Partial<Lent>;
  readonly #operations: () => Operations<typeof Sdk>;

  constructor(environment: ServiceEnvironment) {
    const sessions = new Sessions(environment.store.collection('sts.sessions'));
    this.lends = { sessions };
    this.#operations = onDemand(() => ({
      GetCallerIdentity: operation([], (_input, context) => callerIdentity(context, environment)),
      AssumeRole: operation(
        ['RoleArn', 'RoleSessionName', 'DurationSeconds', 'ExternalId', 'SourceIdentity', 'Tags', 'TransitiveTagKeys'],
        (input, context) => assumeRole(environment, sessions, input, context),
      ),
    }));
  }

  get operations(): Operations<typeof Sdk> {
    return this.#operations();
  }
}

/** The caller if the gateway knows it (a user, a role's session), else the account's root. */
const callerIdentity = (
  { account, callerArn }: RequestContext,
  ids: PrincipalIds,
): Result<GetCallerIdentityCommandOutput> => {
  if (callerArn === undefined) return { UserId: account, Account: account, Arn: rootArn(account) };
  return { UserId: principalIdOf(ids, callerArn), Account: account, Arn: callerArn };
};
