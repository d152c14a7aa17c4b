import type * as Sdk from '@aws-sdk/client-sfn';
import { type Operations, operation, ServiceError } from '../../../core/index.ts';
import { readArn } from '../arns.ts';
import { resourceMissing } from '../errors.ts';
import type { StatesWiring } from '../wiring.ts';

const TAGS_MAX = 50;

type Tags = Readonly<Record<string, string>>;

/** State machines and activities have tags; versions and aliases have not. */
export const tagOperations = ({ machines, desk }: StatesWiring): Operations<typeof Sdk> => {
  const find = (arn: string | undefined): { readonly tags: Tags; save(tags: Tags): void } => {
    const text = arn ?? '';
    readArn(text);
    const machine = machines.machines.get(text);
    if (machine !== undefined)
      return { tags: machine.tags, save: (tags) => machines.machines.put({ ...machine, tags }) };
    const { table } = desk.activities;
    const activity = table.get(text);
    if (activity === undefined) throw resourceMissing(text);
    return { tags: activity.tags, save: (tags) => table.put({ ...activity, tags }) };
  };
  return {
    TagResource: operation(['resourceArn', 'tags'], (input) => {
      const { tags, save } = find(input.resourceArn);
      const added = Object.fromEntries((input.tags ?? []).map(({ key, value }) => [key as string, value as string]));
      const all = { ...tags, ...added };
      if (Object.keys(all).length > TAGS_MAX) {
        throw new ServiceError('TooManyTags', `Too many tags: '${input.resourceArn}'`, 400);
      }
      save(all);
      return {};
    }),
    UntagResource: operation(['resourceArn', 'tagKeys'], (input) => {
      const { tags, save } = find(input.resourceArn);
      save(Object.fromEntries(Object.entries(tags).filter(([key]) => !(input.tagKeys ?? []).includes(key))));
      return {};
    }),
    ListTagsForResource: operation(['resourceArn'], (input) => ({
      tags: Object.entries(find(input.resourceArn).tags).map(([key, value]) => ({ key, value })),
    })),
  };
};
