import { invalidArn } from './errors.ts';

export type StatesArn =
  | { readonly kind: 'stateMachine'; readonly machineArn: string; readonly qualifier: string | undefined }
  | { readonly kind: 'execution' | 'express'; readonly machineName: string }
  | { readonly kind: 'activity' }
  | { readonly kind: 'mapRun' };

const PREFIX = /^arn:[a-z-]+:states:([a-z0-9-]+):(\d{12}):([a-zA-Z]+):(.+)$/s;

/** Takes an ARN of Step Functions apart. @throws ServiceError when it is none */
export const readArn = (arn: string): StatesArn => {
  const match = PREFIX.exec(arn);
  if (match === null) throw invalidArn(arn);
  const [, region, account, kind, rest] = match as unknown as [string, string, string, string, string];
  if (kind === 'stateMachine') {
    const [name, qualifier] = rest.split(':') as [string, string | undefined];
    const machineArn = `${arn.slice(0, arn.indexOf(':states:'))}:states:${region}:${account}:stateMachine:${name}`;
    return { kind, machineArn, qualifier };
  }
  if (kind === 'execution' || kind === 'express') return { kind, machineName: rest.split(':')[0] as string };
  if (kind === 'activity' || kind === 'mapRun') return { kind };
  throw invalidArn(arn);
};

const FORBIDDEN = /[\s\p{Cc}<>{}[\]?*"#%\\^|~`$&,;:/]/u;

export const isName = (name: string): boolean => name.length >= 1 && name.length <= 80 && !FORBIDDEN.test(name);
