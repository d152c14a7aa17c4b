import type { AnyResourceType } from '@holdfast/engine';
import { customResource } from './custom-resource.ts';
import { nestedStack } from './nested-stack.ts';
import { placeholders } from './placeholders.ts';

/** The types that belong to no other service. */
export const resourceTypes: readonly AnyResourceType[] = [...placeholders, customResource, nestedStack];
