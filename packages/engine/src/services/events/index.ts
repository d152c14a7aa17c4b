export { compileEventPattern, compilePatternObject, type EventPattern, EventPatternError } from './event-pattern.ts';
export { EventsService } from './service.ts';
