export { isMeant, type StackPlace } from './binding-names.ts';
export { type BoundContext, BoundFunctions, type BoundHandler } from './bound-functions.ts';
export { type ClockMode, EngineTime } from './engine-time.ts';
export { CodeStore } from './files/code-store.ts';
export { FunctionEnvironments } from './function-environments.ts';
export { type Delay, HeldInvocations } from './held-invocations.ts';
export type { Isolation } from './function-environments-options.ts';
