import type { Tag } from '@aws-sdk/client-iam';
import { type OperationTable, operation, type RequestContext } from '../../core/index.ts';
import { noSuchEntity } from './errors.ts';
import { checkBoundary } from './naming.ts';
import type { PolicyHolders } from './policy-holders.ts';
import type { Registry } from './registry.ts';
import type { StoredPrincipal } from './stored.ts';
import { mergedTags, pageOfTags, withoutTags } from './tags.ts';

/** What these operations take, whoever they are about. */
interface Input {
  readonly RoleName?: string;
  readonly UserName?: string;
  readonly PermissionsBoundary?: string;
  readonly Tags?: readonly Tag[];
  readonly TagKeys?: readonly string[];
  readonly Marker?: string;
  readonly MaxItems?: number;
}

/** Permissions boundaries and tags, which roles and users have by operations of the same form. */
export const principalOperations = <Principal extends StoredPrincipal>(
  registry: Registry,
  { entities, checkChangeable }: Pick<PolicyHolders<Principal>, 'entities' | 'checkChangeable'>,
): OperationTable => {
  const { noun } = entities;
  const Name = `${noun}Name` as 'RoleName' | 'UserName';
  const found = (input: Input, context: RequestContext): Principal => entities.get(context, input[Name]);
  return {
    [`Put${noun}PermissionsBoundary`]: operation<Input, object>([Name, 'PermissionsBoundary'], (input, context) => {
      const principal = found(input, context);
      checkChangeable?.(principal);
      checkBoundary(registry, context.account, input.PermissionsBoundary);
      entities.put({ ...principal, permissionsBoundary: input.PermissionsBoundary });
      return {};
    }),
    [`Delete${noun}PermissionsBoundary`]: operation<Input, object>([Name], (input, context) => {
      const principal = found(input, context);
      checkChangeable?.(principal);
      if (principal.permissionsBoundary === undefined) {
        throw noSuchEntity(`${noun} ${principal.name} does not have a permissions boundary.`);
      }
      entities.put({ ...principal, permissionsBoundary: undefined });
      return {};
    }),
    [`Tag${noun}`]: operation<Input, object>([Name, 'Tags'], (input, context) => {
      const principal = found(input, context);
      entities.put({ ...principal, tags: mergedTags(principal.tags, input.Tags) });
      return {};
    }),
    [`Untag${noun}`]: operation<Input, object>([Name, 'TagKeys'], (input, context) => {
      const principal = found(input, context);
      entities.put({ ...principal, tags: withoutTags(principal.tags, input.TagKeys) });
      return {};
    }),
    [`List${noun}Tags`]: operation<Input, object>([Name, 'Marker', 'MaxItems'], (input, context) => {
      const page = pageOfTags(found(input, context).tags, input);
      return { Tags: page.entries, ...page.continuation };
    }),
  };
};
