export { S3Service } from './service.ts';
