/** The parts of `arn:partition:service:region:account:resource`. */
export interface Arn {
  readonly partition: string;
  readonly service: string;
  readonly region: string;
  readonly account: string;
  /** Everything after the fifth colon, colons included. */
  readonly resource: string;
}

/** Reads an ARN; `undefined` when the text is none. */
export const parseArn = (text: string): Arn | undefined => {
  const parts = text.split(':');
  if (parts.length < 6 || parts[0] !== 'arn') return undefined;
  const [, partition, service, region, account] = parts as [string, string, string, string, string];
  return { partition, service, region, account, resource: parts.slice(5).join(':') };
};

/** What stands last in an ARN or a URL: `jobs` for a queue's ARN and its URL, `uploads` for a table's. */
export const lastNameIn = (arnOrUrl: string): string =>
  arnOrUrl.slice(Math.max(arnOrUrl.lastIndexOf(':'), arnOrUrl.lastIndexOf('/')) + 1);

/** Writes an ARN of the `aws` partition. */
export const makeArn = (service: string, region: string, account: string, resource: string): string =>
  `arn:aws:${service}:${region}:${account}:${resource}`;

/** An account as a principal. */
export const rootArn = (account: string): string => makeArn('iam', '', account, 'root');

/** Buckets have one name space, so neither region nor account. */
export const bucketArn = (name: string): string => makeArn('s3', '', '', name);

/** A function, unqualified. */
export const functionArn = (region: string, account: string, name: string): string =>
  makeArn('lambda', region, account, `function:${name}`);

/** A policy that AWS maintains; `path` begins and ends with a slash. */
export const awsPolicyArn = (path: string, name: string): string => makeArn('iam', '', 'aws', `policy${path}${name}`);

/** Somebody who acts in a role. */
export const assumedRoleArn = (account: string, role: string, session: string): string =>
  makeArn('sts', '', account, `assumed-role/${role}/${session}`);

/** The role that a session is of, as policies name it; `undefined` for anybody who is in no role. */
const roleOfSession = (callerArn: string): string | undefined => {
  const { account = '', resource = '' } = parseArn(callerArn) ?? {};
  const [, role] = /^assumed-role\/([^/]+)\//.exec(resource) ?? [];
  return role === undefined ? undefined : makeArn('iam', '', account, `role/${role}`);
};

/** All names by which policies mean a caller: the account, its root, the session and its role. */
export const callerNames = (account: string, callerArn: string | undefined): readonly string[] => {
  const names = [account, rootArn(account)];
  if (callerArn === undefined) return names;
  const role = roleOfSession(callerArn);
  return role === undefined ? [...names, callerArn] : [...names, callerArn, role];
};
