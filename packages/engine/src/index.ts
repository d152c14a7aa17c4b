export * from './core/index.ts';
export { Engine, type EngineOptions } from './engine.ts';
