export { EventsService } from './service.ts';
