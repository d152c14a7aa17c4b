export { CodeStore } from './code-store.ts';
export { type ClockMode, EngineTime } from './engine-time.ts';
export { NodeRuntime } from './node-runtime.ts';
