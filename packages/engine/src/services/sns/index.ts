export { SnsService } from './service.ts';
