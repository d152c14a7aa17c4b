export * from './core/index.ts';
export { Engine, type EngineOptions } from './engine.ts';
export { compileEventPattern, type EventPattern } from './services/lambda/event-filter.ts';
export { EventPatternError } from './services/lambda/event-filter-operators.ts';
export {
  compileEventPattern,
  compilePatternObject,
  type EventPattern,
  EventPatternError,
} from './services/events/event-pattern.ts';
