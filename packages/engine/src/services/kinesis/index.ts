export { KinesisService } from './service.ts';
