export { CloudFormationService } from './service.ts';
