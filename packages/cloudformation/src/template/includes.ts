import { isObject, type Json, type JsonObject } from '@holdfast/engine';
import { validationError } from '../errors.ts';
import { parseTemplate } from './parse-template.ts';

const INCLUDE = 'AWS::Include';

/** The place that an `AWS::Include` names, when a value is one. */
export const includedBy = (value: Json | undefined): Json | undefined => {
  if (!isObject(value) || value['Name'] !== INCLUDE || !isObject(value['Parameters'])) return undefined;
  return value['Parameters']['Location'];
};

/** Whether a template has anything to include. */
export const hasIncludes = (body: string): boolean => body.includes(INCLUDE);

/**
 * Puts in what `Fn::Transform` with `AWS::Include` names, beside the members that stand next to it.
 *
 * @param read - the text at a location
 * @returns the template as JSON
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/transform-aws-include.html
 */
export const withIncludes = async (body: string, read: (location: string) => Promise<string>): Promise<string> => {
  const filled = async (value: Json): Promise<Json> => {
    if (Array.isArray(value)) return Promise.all((value as readonly Json[]).map(filled));
    if (!isObject(value)) return value;
    const { 'Fn::Transform': transform, ...rest } = value;
    const members = Object.entries(includedBy(transform) === undefined ? value : rest);
    const own = Object.fromEntries(
      await Promise.all(members.map(async ([name, inner]) => [name, await filled(inner)])),
    );
    const location = includedBy(transform);
    if (location === undefined) return own;
    if (typeof location !== 'string') {
      throw validationError(`Transform ${INCLUDE} failed with: The location parameter is not a valid S3 uri.`);
    }
    const fragment = parseTemplate(await read(location));
    return { ...((await filled(fragment)) as JsonObject), ...own };
  };
  return JSON.stringify(await filled(parseTemplate(body)));
};
