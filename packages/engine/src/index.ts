export * from './core/index.ts';
export { Engine, type EngineOptions } from './engine.ts';
export type { UrlRequest, UrlResponse } from './services/lambda/index.ts';
export type { CapturedMail } from './services/sns/index.ts';
