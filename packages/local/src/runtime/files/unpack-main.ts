/** Runs in a thread of its own; see unpack-elsewhere.ts. Bundled into one file. */
import { parentPort, workerData } from 'node:worker_threads';
import { unpackInto } from './unpack.ts';
import type { UnpackOrder } from './unpack-elsewhere.ts';

const { directory, archives } = workerData as UnpackOrder;
unpackInto(directory, archives);
parentPort?.postMessage('unpacked');
