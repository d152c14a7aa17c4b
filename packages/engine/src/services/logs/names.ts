import { Constraints } from '../../core/index.ts';
import { invalidParameter } from './errors.ts';

const NAME_MAX = 512;

const checkLength = (name: string | undefined): void => {
  if ((name?.length ?? 0) <= NAME_MAX) return;
  throw invalidParameter(`Invalid LogGroup or LogStream, both must have length less than or equal to ${NAME_MAX}.`);
};

/** A log group's name as a request gives it, before anybody looks for the group. */
export const checkGroupName = (name: string | undefined): string => {
  checkLength(name);
  new Constraints()
    .required('logGroupName', name)
    .length('logGroupName', name, 1, NAME_MAX)
    .pattern('logGroupName', name, /^[.\-_/#A-Za-z0-9]*$/, '[\\.\\-_/#A-Za-z0-9]+')
    .check('InvalidParameterException');
  return name as string;
};

export const checkStreamName = (name: string | undefined): string => {
  checkLength(name);
  new Constraints()
    .required('logStreamName', name)
    .length('logStreamName', name, 1, NAME_MAX)
    .pattern('logStreamName', name, /^[^:*]*$/, '[^:*]*')
    .check('InvalidParameterException');
  return name as string;
};

/** Names of filters and destinations, and prefixes of them. */
export const checkName = (
  path: string,
  name: string | undefined,
  constraints: Constraints = new Constraints(),
): Constraints => constraints.length(path, name, 1, NAME_MAX).pattern(path, name, /^[^:*]*$/, '[^:*]*');
