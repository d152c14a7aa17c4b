import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { requestBytes } from '../src/http-load.ts';
import { signedHeaders } from '../src/lambda-requests.ts';

const UPLOADS = fileURLToPath(new URL('../../packages/stacks/data/vendor-uploads', import.meta.url));
/** Kept between runs: synthesising takes longer than a small run, and only changed sources need it. */
export const ASSEMBLY = join(tmpdir(), 'holdfast-bench.cdk.out');

export interface Upload {
  readonly key: string;
  readonly body: string;
}

/** Real files, vendors taking turns. */
export const uploadsFrom = (first: number, count: number): readonly Upload[] => {
  const perVendor = readdirSync(UPLOADS)
    .sort()
    .map((vendor) =>
      readdirSync(join(UPLOADS, vendor))
        .sort()
        .map((file) => ({ vendor, file })),
    );
  const longest = Math.max(...perVendor.map((files) => files.length));
  return Array.from({ length: longest }, (_, turn) => perVendor.flatMap((files) => files[turn] ?? []))
    .flat()
    .slice(first, first + count)
    .map(({ vendor, file }) => ({
      key: `uploads/${vendor}/${file}`,
      body: readFileSync(join(UPLOADS, vendor, file), 'utf8'),
    }));
};

/** The request that puts an upload into its bucket. */
export const uploadBytes = (port: number, bucket: string, { key, body }: Upload): Buffer =>
  requestBytes(port, `/${bucket}/${key}`, { ...signedHeaders('s3'), 'Content-Type': 'text/csv' }, body, 'PUT');
