export * from './core/index.ts';
export { Engine, type EngineOptions } from './engine.ts';
export { SERVICES } from './services/index.ts';
