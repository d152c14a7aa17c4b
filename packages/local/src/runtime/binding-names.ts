/** Where a function stands in a stack, if it does. */
export interface StackPlace {
  readonly stackName: string;
  readonly logicalId: string;
}

/** The readable part that CDK makes of a construct's path; behind it stand eight digits of its hash. */
const readableId = (path: string): string =>
  path
    .split('/')
    .filter((part) => part !== 'Resource' && part !== 'Default')
    .join('')
    .replace(/[^A-Za-z0-9]/g, '');

/**
 * Whether somebody who says `name` means this function: its own name or ARN, its logical id, or its CDK path, with or
 * without the stack in front.
 */
export const isMeant = (
  name: string,
  { functionName, arn }: { readonly functionName: string; readonly arn: string },
  place: StackPlace | undefined,
): boolean => {
  if (name === functionName || name === arn) return true;
  if (place === undefined) return false;
  if (name === place.logicalId) return true;
  const readable = place.logicalId.replace(/[0-9A-F]{8}$/, '');
  const [first, ...rest] = name.split('/');
  return readableId(name) === readable || (first === place.stackName && readableId(rest.join('/')) === readable);
};
