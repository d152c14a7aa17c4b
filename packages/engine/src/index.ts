export * from './core/index.ts';
export { Engine, type EngineOptions } from './engine.ts';
export type { CapturedMail } from './services/sns/index.ts';
