export { IamService } from './service.ts';
