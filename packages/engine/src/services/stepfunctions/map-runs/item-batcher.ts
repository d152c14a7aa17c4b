import { utf8Length } from '@holdfast/kernel';
import type { Json, JsonObject } from '../../../core/index.ts';
import type { StateNode } from '../definition/program.ts';
import { fillExpressions, fillTemplate, type Scope } from '../language/scope.ts';
import { PAYLOAD_BYTES_MAX } from '../payload-limit.ts';
import { numberOf } from '../running/processing.ts';

/** Several items for one execution, as `ItemBatcher` says; without one each has its own. */
export const batchItems = (node: StateNode, scope: Scope, items: readonly Json[]): readonly Json[] => {
  const batcher = node.fields.ItemBatcher as JsonObject | undefined;
  if (batcher === undefined) return items;
  const inner: StateNode = { ...node, fields: batcher };
  const itemsMax = numberOf(inner, 'MaxItemsPerBatch', scope) ?? Number.POSITIVE_INFINITY;
  const bytesMax = Math.min(numberOf(inner, 'MaxInputBytesPerBatch', scope) ?? PAYLOAD_BYTES_MAX, PAYLOAD_BYTES_MAX);
  const given = batcher.BatchInput;
  const shared =
    given === undefined
      ? {}
      : {
          BatchInput:
            node.language === 'JSONata'
              ? fillExpressions(given, scope, 'ItemBatcher/BatchInput')
              : fillTemplate(given, scope),
        };
  const envelopeBytes = utf8Length(JSON.stringify({ ...shared, Items: [] }));
  const batches: Json[] = [];
  let batch: Json[] = [];
  let bytes = envelopeBytes;
  for (const item of items) {
    const itemBytes = utf8Length(JSON.stringify(item)) + 1;
    if (batch.length > 0 && (batch.length >= itemsMax || bytes + itemBytes > bytesMax)) {
      batches.push({ ...shared, Items: batch });
      batch = [];
      bytes = envelopeBytes;
    }
    batch.push(item);
    bytes += itemBytes;
  }
  if (batch.length > 0) batches.push({ ...shared, Items: batch });
  return batches;
};
