export { FSYNC_MODES, type FsyncMode } from './flusher.ts';
export { LogStore } from './log-store.ts';
export { type RepairReport, repairDirectory } from './repair.ts';
export { shortageOf } from './shortage.ts';
export { StoreError } from './store-error.ts';
