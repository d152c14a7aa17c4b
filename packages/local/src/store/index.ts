export { LogStore } from './log-store.ts';
export { StoreError } from './store-error.ts';
