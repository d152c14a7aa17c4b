export { SsmService } from './service.ts';
