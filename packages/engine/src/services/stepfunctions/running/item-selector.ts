import type { Json, JsonObject } from '../../../core/index.ts';
import type { StateNode } from '../definition/program.ts';
import { fillExpressions, fillTemplate } from '../language/scope.ts';
import type { Course } from './course.ts';
import type { Thread } from './execution.ts';
import { selectInput } from './processing.ts';
import type { Runner } from './runner.ts';

/** `ItemSelector` (or `Parameters`, as it was called) applied to one item. */
export const selectItem = (
  runner: Runner,
  course: Course,
  parent: Thread,
  node: StateNode,
  index: number,
  item: Json,
): Json => {
  const selector = node.fields.ItemSelector ?? node.fields.Parameters;
  if (selector === undefined) return item;
  const scope = runner.scopeOf(course, parent);
  const context = { ...(scope.context as JsonObject), Map: { Item: { Index: index, Value: item } } };
  const input = node.language === 'JSONata' ? scope.input : selectInput(node.fields, scope);
  const inner = { input, context, variables: scope.variables, tools: scope.tools, nowMs: scope.nowMs };
  return node.language === 'JSONata' ? fillExpressions(selector, inner, 'ItemSelector') : fillTemplate(selector, inner);
};
