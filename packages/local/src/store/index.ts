export { FSYNC_MODES, type FsyncMode } from './flusher.ts';
export { LogStore } from './log-store.ts';
export { StoreError } from './store-error.ts';
