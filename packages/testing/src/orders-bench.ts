/** For tests: a queue, its function and a dead-letter queue after three receives. */
export const ORDERS = {
  Resources: {
    Failed: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'orders-failed', MessageRetentionPeriod: 1_209_600 } },
    Queue: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        QueueName: 'orders',
        VisibilityTimeout: 30,
        RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Failed', 'Arn'] }, maxReceiveCount: 3 },
      },
    },
    Booking: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Role: 'arn:aws:iam::000000000000:role/booking',
        Timeout: 5,
        Code: { ZipFile: 'exports.handler = async () => { throw new Error("real code") };' },
      },
    },
    Mapping: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        FunctionName: { Ref: 'Booking' },
        EventSourceArn: { 'Fn::GetAtt': ['Queue', 'Arn'] },
        FunctionResponseTypes: ['ReportBatchItemFailures'],
      },
    },
  },
  Outputs: { Queue: { Value: { Ref: 'Queue' } } },
};
