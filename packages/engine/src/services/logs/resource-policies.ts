import type * as Sdk from '@aws-sdk/client-cloudwatch-logs';
import { makeArn } from '@holdfast/aws-model';
import type { EpochMs } from '@holdfast/kernel';
import {
  type Collection,
  Constraints,
  isObject,
  type LogTarget,
  type Operations,
  objectIn,
  operation,
  pageByKey,
  policyAllows,
  type Sender,
  ServiceError,
  type Store,
} from '../../core/index.ts';
import { invalidParameter } from './errors.ts';

/** Policies per account and region. */
const POLICIES_MAX = 10;
const PAGE_MAX = 50;

interface StoredPolicy {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly document: string;
  readonly changedAt: EpochMs;
}

const keyOf = ({ account, region, name }: Pick<StoredPolicy, 'account' | 'region' | 'name'>): string =>
  `${account} ${region} ${name}`;

const described = ({ name, document, changedAt }: StoredPolicy) => ({
  policyName: name,
  policyDocument: document,
  lastUpdatedTime: changedAt,
  policyScope: 'ACCOUNT' as const,
});

/** Lists of one are written as that one, and a document without a version has the oldest. */
const asStored = (document: string): string => {
  const single = (value: unknown): unknown =>
    Array.isArray(value) ? (value.length === 1 ? value[0] : value) : isObject(value) ? mapMembers(value) : value;
  const mapMembers = (members: object) =>
    Object.fromEntries(Object.entries(members).map(([name, value]) => [name, single(value)]));
  const { Version = '2008-10-17', Statement, ...rest } = JSON.parse(document) as Readonly<Record<string, unknown>>;
  const statements = [Statement].flat().map((statement) => (isObject(statement) ? mapMembers(statement) : statement));
  return JSON.stringify({ Version, ...rest, Statement: statements });
};

/** Which services may write into the log groups of an account and region. */
export class ResourcePolicies {
  readonly operations: Operations<typeof Sdk>;
  readonly #stored: Collection<StoredPolicy>;
  readonly #policies: Map<string, StoredPolicy>;

  constructor(store: Store) {
    this.#stored = store.collection('logs.resource-policies');
    this.#policies = new Map(this.#stored.entries());
    this.operations = {
      PutResourcePolicy: operation(['policyName', 'policyDocument'], (input, { account, region, now }) => {
        new Constraints()
          .required('policyName', input.policyName)
          .required('policyDocument', input.policyDocument)
          .length('policyDocument', input.policyDocument, 1, 5_120)
          .check('InvalidParameterException');
        const [name, document] = [input.policyName as string, input.policyDocument as string];
        if (objectIn(document)?.['Statement'] === undefined) {
          throw invalidParameter('The specified policy document is not valid.');
        }
        const policy: StoredPolicy = { account, region, name, document, changedAt: now };
        const key = keyOf(policy);
        if (!this.#policies.has(key) && this.#of(account, region).length >= POLICIES_MAX) {
          throw new ServiceError('LimitExceededException', 'Resource limit exceeded.', 400);
        }
        this.#policies.set(key, policy);
        this.#stored.put(key, policy);
        return { resourcePolicy: described(policy) };
      }),
      DescribeResourcePolicies: operation(['nextToken', 'limit'], (input, { account, region }) => {
        new Constraints().range('limit', input.limit, 1, PAGE_MAX).check('InvalidParameterException');
        const { page, next } = pageByKey(this.#of(account, region), ({ name }) => name, {
          token: input.nextToken,
          size: input.limit ?? PAGE_MAX,
          invalid: () => invalidParameter('The specified nextToken is invalid.'),
        });
        return {
          resourcePolicies: page.map((policy) => ({ ...described(policy), policyDocument: asStored(policy.document) })),
          ...(next === undefined ? {} : { nextToken: next }),
        };
      }),
      DeleteResourcePolicy: operation(['policyName'], (input, { account, region }) => {
        new Constraints().required('policyName', input.policyName).check('InvalidParameterException');
        const key = keyOf({ account, region, name: input.policyName as string });
        if (!this.#policies.delete(key)) {
          const text = `Policy with name [${input.policyName}] does not exist.`;
          throw new ServiceError('ResourceNotFoundException', text, 400);
        }
        this.#stored.delete(key);
        return {};
      }),
    };
  }

  /** Whether one of the policies lets a service write into a group. */
  accepts({ account, region, group }: Omit<LogTarget, 'stream'>, sender: Sender): boolean {
    const resourceArn = makeArn('logs', region, account, `log-group:${group}:*`);
    if (sender.principal === undefined) return true;
    return this.#of(account, region).some(({ document }) =>
      policyAllows(document, sender, 'logs:PutLogEvents', resourceArn),
    );
  }

  #of(account: string, region: string): StoredPolicy[] {
    return [...this.#policies.values()]
      .filter((policy) => policy.account === account && policy.region === region)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}
