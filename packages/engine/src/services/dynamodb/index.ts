export { DynamoDbService } from './service.ts';
