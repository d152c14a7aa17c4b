export { LambdaService } from './service.ts';
