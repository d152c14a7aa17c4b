import {
  type OperationTable,
  type RequestContext,
  resourceTagOperations,
  TAGS_IN_LOWER_CASE_LIST,
  type TaggedResource,
} from '../../../core/index.ts';
import { readArn } from '../arns.ts';
import { resourceMissing, tooManyTags } from '../errors.ts';
import type { StatesWiring } from '../wiring.ts';

/** State machines and activities have tags; versions and aliases have not. */
export const tagOperations = ({ machines, desk }: StatesWiring): OperationTable => {
  const find = (_context: RequestContext, arn: string | undefined): TaggedResource => {
    const text = arn ?? '';
    readArn(text);
    const machine = machines.machines.get(text);
    if (machine !== undefined) {
      return { tags: machine.tags, save: (tags) => machines.machines.put({ ...machine, tags }) };
    }
    const { table } = desk.activities;
    const activity = table.get(text);
    if (activity === undefined) throw resourceMissing(text);
    return { tags: activity.tags, save: (tags) => table.put({ ...activity, tags }) };
  };
  return resourceTagOperations(find, (_text, arn) => tooManyTags(arn)(), TAGS_IN_LOWER_CASE_LIST);
};
