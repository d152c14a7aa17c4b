export { SqliteStore, StoreError } from './sqlite-store.ts';
