import * as sqs from '@aws-sdk/client-sqs';
import { ClientError, type ClientKind, type Json } from './sqs-client.ts';

type AnyCommand = new (input: Json) => Parameters<sqs.SQSClient['send']>[0];

/** AWS SDK for JavaScript v3: AWS JSON 1.0. */
export const sdkClient: ClientKind = {
  name: 'AWS SDK for JavaScript v3 (JSON)',
  missing: undefined,
  takesBytes: true,
  start: (endpoint) => {
    const client = new sqs.SQSClient({
      endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    });
    return {
      call: async (action, input) => {
        const Command = (sqs as unknown as Readonly<Record<string, AnyCommand>>)[`${action}Command`] as AnyCommand;
        try {
          const { $metadata, ...output } = (await client.send(new Command(input))) as Json & { $metadata: unknown };
          return output;
        } catch (error) {
          if (!(error instanceof sqs.SQSServiceException)) throw error;
          const code = (error as { Code?: string }).Code ?? error.name;
          throw new ClientError(code, error.message, error.$metadata.httpStatusCode);
        }
      },
      close: () => client.destroy(),
    };
  },
};
