import { parseArn } from '@holdfast/aws-model';
import type { RequestContext } from './operation.ts';

type Place = Pick<RequestContext, 'account' | 'region'>;

/**
 * Whether an ARN names something in another region, which no endpoint of AWS serves, or in another account. Look-ups by ARN
 * ask this first: what an ARN names must not be found because it happens to be on this machine.
 */
export const isElsewhere = (arn: string, { account, region }: Place): boolean => {
  const parsed = parseArn(arn);
  return parsed !== undefined && (parsed.region !== region || parsed.account !== account);
};
