import type * as Sdk from '@aws-sdk/client-lambda';
import type { InvokeCommandInput, InvokeCommandOutput } from '@aws-sdk/client-lambda';
import { invariant, utf8Bytes } from '@holdfast/kernel';
import { Constraints, type Operations, operation, type Result, ServiceError } from '../../../core/index.ts';
import { functionNotFound, tooManyRequests } from '../errors.ts';
import { LATEST } from '../functions/function-record.ts';
import { locate, qualifiedArn } from '../names.ts';
import type { LambdaParts } from '../parts.ts';
import type { ExecutionResult, Refusal } from './executor.ts';
import { recordMetric } from './function-metrics.ts';
import { readClientContext, readPayload } from './invoke-payload.ts';

type InvokeResult = Result<InvokeCommandOutput>;
type Payload = NonNullable<InvokeCommandOutput['Payload']>;

const answer = (result: ExecutionResult): InvokeResult => ({
  StatusCode: 200,
  ExecutedVersion: result.executedVersion,
  Payload: utf8Bytes(result.payload) as Payload,
  ...(result.isError ? { FunctionError: 'Unhandled' } : {}),
  ...(result.logTail === undefined ? {} : { LogResult: result.logTail }),
});

const errorOf = (refusal: Refusal): ServiceError => {
  switch (refusal.kind) {
    case 'throttled':
      return tooManyRequests(refusal.reason);
    case 'system':
      return refusal.error;
    case 'recursion': {
      const text = 'Lambda has detected that your function is being invoked in a recursive loop and has stopped it.';
      return new ServiceError('RecursiveInvocationException', text, 400, { Type: 'User', Message: text });
    }
  }
};

/** The SDK's type allows streams and blobs for its own callers; what arrives here is bytes, or text from inside. */
const bytesOf = (payload: InvokeCommandInput['Payload']): Uint8Array | undefined => {
  if (typeof payload === 'string') return utf8Bytes(payload);
  invariant(payload === undefined || payload instanceof Uint8Array, 'a payload is bytes');
  return payload;
};

/**
 * Invoke: at once for `Event` (202) and `DryRun` (204), parked until the outcome for `RequestResponse`.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export const invokeOperations = ({
  environment,
  registry,
  ledger,
  executor,
  events,
}: LambdaParts): Operations<typeof Sdk> => ({
  Invoke: operation(
    ['FunctionName', 'InvocationType', 'LogType', 'ClientContext', 'Payload', 'Qualifier'],
    (input, context) => {
      new Constraints()
        .oneOf('invocationType', input.InvocationType, ['Event', 'RequestResponse', 'DryRun'])
        .oneOf('logType', input.LogType, ['None', 'Tail'])
        .check();
      const locator = locate(input.FunctionName, input.Qualifier, context);
      if (registry.get(locator.arn) === undefined) {
        throw functionNotFound(qualifiedArn(locator.arn, locator.qualifier ?? LATEST));
      }
      const target = registry.require(locator);
      const isEvent = input.InvocationType === 'Event';
      const payload = readPayload(bytesOf(input.Payload), isEvent);
      const clientContext = readClientContext(input.ClientContext);
      if (input.InvocationType === 'DryRun') return { StatusCode: 204 };
      if (isEvent) {
        const reason = ledger.admitEvent(target.record, context.now);
        if (reason !== undefined) {
          recordMetric(environment.metrics, target.record, target.qualifier, 'Throttles', 1, context.now);
          throw tooManyRequests(reason);
        }
        events.accept(target, context.requestId, payload, context.traceHeader);
        return { StatusCode: 202, Payload: new Uint8Array(0) as Payload };
      }
      return new Promise<InvokeResult>((resolve, reject) => {
        const refusal = executor.run(
          {
            target,
            requestId: context.requestId,
            payload,
            traceHeader: context.traceHeader,
            clientContext,
            wantsLogTail: input.LogType === 'Tail',
            isAwaited: true,
          },
          (result) => resolve(answer(result)),
        );
        if (refusal !== undefined) reject(errorOf(refusal));
      });
    },
  ),
});
