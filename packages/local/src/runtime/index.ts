export { type ClockMode, EngineTime } from './engine-time.ts';
export { CodeStore } from './files/code-store.ts';
export { FunctionEnvironments } from './function-environments.ts';
