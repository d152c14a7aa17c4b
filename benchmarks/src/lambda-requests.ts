import { requestBytes } from './http-load.ts';

/** Headers as long as those of a real client, signature included. */
export const signedHeaders = (service: string): Record<string, string> => ({
  'X-Amz-Date': '20250101T000000Z',
  'X-Amz-Content-Sha256': 'UNSIGNED-PAYLOAD',
  Authorization: `AWS4-HMAC-SHA256 Credential=test/20250101/us-east-1/${service}/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=${'0'.repeat(64)}`,
});

/** Bytes of one Lambda Invoke. */
export const invokeBytes = (
  port: number,
  functionName: string,
  invocationType: 'RequestResponse' | 'Event',
  payload: string,
): Buffer =>
  requestBytes(
    port,
    `/2015-03-31/functions/${functionName}/invocations`,
    { ...signedHeaders('lambda'), 'X-Amz-Invocation-Type': invocationType, 'Content-Type': 'application/octet-stream' },
    payload,
  );

/** Resources of a Node function with its code in the template. */
export const functionResources = (name: string, code: string, more: object = {}): Record<string, object> => ({
  [`${name}Role`]: {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      },
    },
  },
  [name]: {
    Type: 'AWS::Lambda::Function',
    Properties: {
      FunctionName: name,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: { 'Fn::GetAtt': [`${name}Role`, 'Arn'] },
      Code: { ZipFile: code },
      ...more,
    },
  },
});
