export { DynamoDbStreamsService } from './service.ts';
