export { CloudWatchService } from './service.ts';
