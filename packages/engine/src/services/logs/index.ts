export { LogsService } from './service.ts';
