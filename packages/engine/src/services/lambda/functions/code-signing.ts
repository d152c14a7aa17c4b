import type * as Sdk from '@aws-sdk/client-lambda';
import type { GetFunctionCodeSigningConfigCommandOutput } from '@aws-sdk/client-lambda';
import { type Operations, operation } from '../../../core/index.ts';
import type { LambdaParts } from '../parts.ts';

/**
 * Code signing as far as deployment tools ask about it: every function is one without a signing configuration, and
 * AWS shows that by leaving the ARN out. Giving a function a configuration is refused.
 *
 * https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionCodeSigningConfig.html
 */
export const codeSigningOperations = ({ registry }: LambdaParts): Operations<typeof Sdk> => ({
  GetFunctionCodeSigningConfig: operation(['FunctionName'], (input, context) => {
    const { record } = registry.resolve(input.FunctionName, undefined, context);
    // The model calls the ARN required; AWS's own answer lacks it.
    return { FunctionName: record.name } as GetFunctionCodeSigningConfigCommandOutput;
  }),
});
