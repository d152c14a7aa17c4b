export * from './core/index.ts';
export { Engine, type EngineOptions } from './engine.ts';
export {
  compileEventPattern,
  compilePatternObject,
  type EventPattern,
  EventPatternError,
} from './services/events/event-pattern.ts';
export type { CapturedMail } from './services/sns/index.ts';
