/** How the role that is linked to a service is called, and which policy of AWS's it has. */
export interface LinkedService {
  /** After `AWSServiceRoleFor`. */
  readonly role: string;
  /** After `arn:aws:iam::aws:policy/aws-service-role/`. */
  readonly policy: string;
  /** One service may have several, told apart by what the caller appends. */
  readonly takesSuffix?: true;
}

const scaled = (resource: string): LinkedService => ({
  role: `ApplicationAutoScaling_${resource}`,
  policy: `AWSApplicationAutoscaling${resource}Policy`,
});

/** By the name that the service has as a principal. Each says so in its own documentation; services not here are refused by name. */
export const LINKED_SERVICES: Readonly<Record<string, LinkedService>> = {
  'apidestinations.events.amazonaws.com': {
    role: 'AmazonEventBridgeApiDestinations',
    policy: 'AmazonEventBridgeApiDestinationsServiceRolePolicy',
  },
  'autoscaling.amazonaws.com': { role: 'AutoScaling', policy: 'AutoScalingServiceRolePolicy', takesSuffix: true },
  'backup.amazonaws.com': { role: 'Backup', policy: 'AWSBackupServiceLinkedRolePolicyForBackup' },
  'batch.amazonaws.com': { role: 'Batch', policy: 'BatchServiceRolePolicy' },
  'cloudtrail.amazonaws.com': { role: 'CloudTrail', policy: 'CloudTrailServiceRolePolicy' },
  'codestar-notifications.amazonaws.com': {
    role: 'CodeStarNotifications',
    policy: 'AWSCodeStarNotificationsServiceRolePolicy',
  },
  'config.amazonaws.com': { role: 'Config', policy: 'AWSConfigServiceRolePolicy' },
  'connect.amazonaws.com': {
    role: 'AmazonConnect',
    policy: 'AmazonConnectServiceLinkedRolePolicy',
    takesSuffix: true,
  },
  'dynamodb.application-autoscaling.amazonaws.com': scaled('DynamoDBTable'),
  'ecs.amazonaws.com': { role: 'ECS', policy: 'AmazonECSServiceRolePolicy' },
  'ecs.application-autoscaling.amazonaws.com': scaled('ECSService'),
  'elasticache.amazonaws.com': { role: 'ElastiCache', policy: 'ElastiCacheServiceRolePolicy' },
  'elasticloadbalancing.amazonaws.com': {
    role: 'ElasticLoadBalancing',
    policy: 'AWSElasticLoadBalancingServiceRolePolicy',
  },
  'events.amazonaws.com': { role: 'CloudWatchEvents', policy: 'CloudWatchEventsServiceRolePolicy' },
  'guardduty.amazonaws.com': { role: 'AmazonGuardDuty', policy: 'AmazonGuardDutyServiceRolePolicy' },
  'kafka.amazonaws.com': { role: 'Kafka', policy: 'KafkaServiceRolePolicy' },
  'kafkaconnect.amazonaws.com': { role: 'KafkaConnect', policy: 'KafkaConnectServiceRolePolicy' },
  'lambda.application-autoscaling.amazonaws.com': scaled('LambdaConcurrency'),
  'lexv2.amazonaws.com': { role: 'LexV2Bots', policy: 'AmazonLexV2BotPolicy', takesSuffix: true },
  'memorydb.amazonaws.com': { role: 'MemoryDB', policy: 'MemoryDBServiceRolePolicy' },
  'mq.amazonaws.com': { role: 'AmazonMQ', policy: 'AmazonMQServiceRolePolicy' },
  'mrk.kms.amazonaws.com': {
    role: 'KeyManagementServiceMultiRegionKeys',
    policy: 'AWSKeyManagementServiceMultiRegionKeysServiceRolePolicy',
  },
  'notifications.amazonaws.com': {
    role: 'AwsUserNotifications',
    policy: 'AWSUserNotificationsServiceLinkedRolePolicy',
  },
  'ops.apigateway.amazonaws.com': { role: 'APIGateway', policy: 'APIGatewayServiceRolePolicy' },
  'opensearchservice.amazonaws.com': {
    role: 'AmazonOpenSearchService',
    policy: 'AmazonOpenSearchServiceRolePolicy',
  },
  'rds.amazonaws.com': { role: 'RDS', policy: 'AmazonRDSServiceRolePolicy' },
  'redshift.amazonaws.com': { role: 'Redshift', policy: 'AmazonRedshiftServiceLinkedRolePolicy' },
  'replicator.lambda.amazonaws.com': { role: 'LambdaReplicator', policy: 'AWSLambdaReplicator' },
  'ses.amazonaws.com': { role: 'AmazonSES', policy: 'AmazonSESServiceRolePolicy' },
  'ssm.amazonaws.com': { role: 'AmazonSSM', policy: 'AmazonSSMServiceRolePolicy' },
};
