import {
  type OperationTable,
  type RequestContext,
  resourceTagOperations,
  ServiceError,
  TAGS_IN_LOWER_CASE_LIST,
  type TaggedResource,
  type Tags,
} from '../../../core/index.ts';
import { readArn } from '../arns.ts';
import { resourceMissing } from '../errors.ts';
import type { StatesWiring } from '../wiring.ts';

const TAGS_MAX = 50;

/** State machines and activities have tags; versions and aliases have not. */
export const tagOperations = ({ machines, desk }: StatesWiring): OperationTable => {
  const find = (_context: RequestContext, arn: string | undefined): TaggedResource => {
    const text = arn ?? '';
    readArn(text);
    const within = (tags: Tags): Tags => {
      if (Object.keys(tags).length <= TAGS_MAX) return tags;
      throw new ServiceError('TooManyTags', `Too many tags: '${text}'`, 400);
    };
    const machine = machines.machines.get(text);
    if (machine !== undefined) {
      return { tags: machine.tags, save: (tags) => machines.machines.put({ ...machine, tags: within(tags) }) };
    }
    const { table } = desk.activities;
    const activity = table.get(text);
    if (activity === undefined) throw resourceMissing(text);
    return { tags: activity.tags, save: (tags) => table.put({ ...activity, tags: within(tags) }) };
  };
  return resourceTagOperations(find, TAGS_IN_LOWER_CASE_LIST);
};
