import { Worker } from 'node:worker_threads';
import { bundledCode } from '../bundled-code.ts';

/** What the thread is started with: see `unpackInto`. */
export interface UnpackOrder {
  readonly directory: string;
  readonly archives: readonly Uint8Array[];
}

let url: URL | undefined;

const codeUrl = (): URL => {
  url ??= new URL(`data:text/javascript,${encodeURIComponent(bundledCode('unpack-main', './files/unpack-main.ts'))}`);
  return url;
};

/** An archive that is being unpacked while this thread does other things. */
export interface Unpacking {
  readonly done: Promise<void>;
  /** Ends it half done: what is there has no name yet. */
  readonly stop: () => Promise<void>;
}

export const unpackElsewhere = (order: UnpackOrder): Unpacking => {
  const worker = new Worker(codeUrl(), { workerData: order });
  const done = new Promise<void>((resolve, reject) => {
    worker.once('message', () => resolve());
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('unpacking was given up')));
  });
  // Whoever waits for it is told; nobody may be.
  done.catch(() => {});
  return {
    done,
    stop: async () => {
      await worker.terminate();
    },
  };
};
