import type * as Sdk from '@aws-sdk/client-lambda';
import { Constraints, type Operations, operation, type RequestContext, ServiceError } from '../../../core/index.ts';
import { invalidParameter } from '../errors.ts';
import { provisionedTotalOf, UNRESERVED_MIN } from '../invocations/concurrency.ts';
import { locate } from '../names.ts';
import type { LambdaParts } from '../parts.ts';
import { type FunctionRecord, LATEST } from './function-record.ts';

/** Reserved concurrency and the recursion setting: both belong to the function as a whole. */
export const reservedConcurrencyOperations = ({ registry, ledger }: LambdaParts): Operations<typeof Sdk> => {
  /** `shownQualifier` is what AWS adds to the name of a function that does not exist, in some answers. */
  const wholeFunction = (
    functionName: string | undefined,
    context: RequestContext,
    shownQualifier?: string,
  ): FunctionRecord => {
    const locator = locate(functionName, undefined, context);
    if (locator.qualifier !== undefined) {
      throw invalidParameter(
        'This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. Please specify either a function name or an unqualified function ARN.',
      );
    }
    return registry.require({ ...locator, qualifier: shownQualifier }).record;
  };

  const change = (record: FunctionRecord, reserved: number | undefined): void => {
    ledger.claim(record, () => {
      record.reservedConcurrency = reserved;
    });
    registry.save(record);
  };

  return {
    PutFunctionConcurrency: operation(['FunctionName', 'ReservedConcurrentExecutions'], (input, context) => {
      const record = wholeFunction(input.FunctionName, context, LATEST);
      const reserved = input.ReservedConcurrentExecutions;
      new Constraints()
        .required('reservedConcurrentExecutions', reserved)
        .range('reservedConcurrentExecutions', reserved, 0, Number.MAX_SAFE_INTEGER)
        .check();
      const places = reserved as number;
      const provisioned = provisionedTotalOf(record);
      if (places < provisioned) {
        // The blanks are AWS's own.
        const text = ` ReservedConcurrentExecutions  ${places} should not be lower than function's total provisioned concurrency [${provisioned}].`;
        throw new ServiceError('InvalidParameterValueException', text, 400);
      }
      // Zero is the documented off switch and always allowed.
      if (places > 0 && ledger.unreservedWith(record, places) < UNRESERVED_MIN) {
        // Recorded without the `Type` that other errors have.
        throw new ServiceError(
          'InvalidParameterValueException',
          `Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${UNRESERVED_MIN}].`,
        );
      }
      change(record, places);
      return { ReservedConcurrentExecutions: places };
    }),

    GetFunctionConcurrency: operation(['FunctionName'], (input, context) => {
      const { reservedConcurrency } = registry.resolve(input.FunctionName, undefined, context).record;
      return reservedConcurrency === undefined ? {} : { ReservedConcurrentExecutions: reservedConcurrency };
    }),

    DeleteFunctionConcurrency: operation(['FunctionName'], (input, context) => {
      change(wholeFunction(input.FunctionName, context), undefined);
      return {};
    }),

    PutFunctionRecursionConfig: operation(['FunctionName', 'RecursiveLoop'], (input, context) => {
      const record = wholeFunction(input.FunctionName, context);
      new Constraints()
        .required('recursiveLoop', input.RecursiveLoop)
        .oneOf('recursiveLoop', input.RecursiveLoop, ['Terminate', 'Allow'])
        .check();
      record.recursiveLoop = input.RecursiveLoop as 'Terminate' | 'Allow';
      registry.save(record);
      return { RecursiveLoop: record.recursiveLoop };
    }),

    GetFunctionRecursionConfig: operation(['FunctionName'], (input, context) => ({
      RecursiveLoop: wholeFunction(input.FunctionName, context).recursiveLoop,
    })),
  };
};
