/** `aws_sqs_queue.tier["slow"]` as an id of CloudFormation; handlers are bound by either. */
export const logicalIdOf = (address: string): string => address.replace(/[^A-Za-z0-9]/g, '');
