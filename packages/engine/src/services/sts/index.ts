export { StsService } from './service.ts';
