import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { ACKNOWLEDGED_FINDINGS } from './acknowledged-findings.ts';
import { buildApp } from './app.ts';

const outdir = mkdtempSync(join(tmpdir(), 'holdfast-findings-'));
afterAll(() => rmSync(outdir, { recursive: true }));

it('every acknowledged finding names a construct that exists, and why it stands', () => {
  const entryOf = () => fileURLToPath(new URL('./fixtures/echo-handler.ts', import.meta.url));
  const props = {
    VendorOnboarding: { entryOf },
    DlqReplay: { entryOf },
    SqsRetry: { entryOf },
    InvocationRetries: { entryOf },
    IngestionLab: { entryOf },
  };
  const paths = buildApp({ app: { outdir, context: { vpcEndpoints: true } }, props })
    .node.findAll()
    .map((construct) => construct.node.path);
  for (const { path, reason } of ACKNOWLEDGED_FINDINGS) {
    expect(paths).toContain(path);
    expect(reason.length).toBeGreaterThan(20);
  }
});
