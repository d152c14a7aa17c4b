import type { RepairedBody, RepairPreview } from '../operations.ts';
import { differences } from './diff.ts';
import { parseRepair, type Repair, RepairError, repairBody, repairValue } from './repair.ts';

const runTest = (repair: Repair, { name, before, after }: Repair['tests'][number]): RepairPreview['tests'][number] => {
  try {
    const found = differences(after, repairValue(repair, before));
    return { name, passed: found.length === 0, found: found.join('; ') };
  } catch (error) {
    if (error instanceof RepairError) return { name, passed: false, found: error.message };
    throw error;
  }
};

const previewOf = (repair: Repair, { messageId, body }: { messageId: string; body: string }): RepairedBody => {
  const repaired = repairBody(repair, body);
  if ('error' in repaired) return { messageId, before: body, diff: [], error: repaired.error };
  const { after } = repaired;
  if (after === undefined) return { messageId, before: body, diff: [] };
  return { messageId, before: body, after, diff: differences(JSON.parse(body), JSON.parse(after)) };
};

/** What a repair does to these bodies, and what its own tests say; changes nothing. @throws InvalidInputError */
export const previewRepair = (
  text: string,
  bodies: readonly { readonly messageId: string; readonly body: string }[],
): RepairPreview => {
  const repair = parseRepair(text);
  const previews = bodies.map((body) => previewOf(repair, body));
  const failed = previews.filter(({ error }) => error !== undefined).length;
  const changed = previews.filter(({ after }) => after !== undefined).length;
  return {
    changed,
    failed,
    unchanged: previews.length - changed - failed,
    bodies: previews,
    tests: repair.tests.map((test) => runTest(repair, test)),
  };
};
