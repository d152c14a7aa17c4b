export { CodeStore } from './code-store.ts';
export { type ClockMode, EngineTime } from './engine-time.ts';
export { FunctionEnvironments } from './function-environments.ts';
