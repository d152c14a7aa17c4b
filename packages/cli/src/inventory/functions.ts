import {
  type FunctionConfiguration,
  GetFunctionConcurrencyCommand,
  GetFunctionEventInvokeConfigCommand,
  InvokeCommand,
  LambdaClient,
  paginateListFunctions,
} from '@aws-sdk/client-lambda';
import { lastNameIn } from '@holdfast/aws-model';
import { CommandError, EXIT } from '../exit-code.ts';
import { meantName } from '../failure-queues/similar-names.ts';
import { note, print, printJson, table } from '../output.ts';
import type { Target } from '../target.ts';

interface ListedFunction {
  readonly name: string;
  readonly runtime: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly reservedConcurrency: number | undefined;
  /** Where failed events go; empty for nowhere. */
  readonly failuresGoTo: string;
}

const nameOf = (arn: string | undefined): string => lastNameIn(arn ?? '');

const onFailureOf = async (lambda: LambdaClient, FunctionName: string): Promise<string> => {
  try {
    const { DestinationConfig } = await lambda.send(new GetFunctionEventInvokeConfigCommand({ FunctionName }));
    return nameOf(DestinationConfig?.OnFailure?.Destination);
  } catch (error) {
    // Most functions have no such configuration.
    if ((error as Error).name === 'ResourceNotFoundException') return '';
    throw error;
  }
};

const describe = async (lambda: LambdaClient, each: FunctionConfiguration): Promise<ListedFunction> => {
  const { FunctionName: name = '', Runtime: runtime = '', Timeout = 3, MemorySize = 128, DeadLetterConfig } = each;
  const concurrency = await lambda.send(new GetFunctionConcurrencyCommand({ FunctionName: name }));
  const sinks = [await onFailureOf(lambda, name), nameOf(DeadLetterConfig?.TargetArn)].filter((sink) => sink !== '');
  return {
    name,
    runtime,
    timeoutSeconds: Timeout,
    memoryMb: MemorySize,
    reservedConcurrency: concurrency.ReservedConcurrentExecutions,
    failuresGoTo: sinks.join(', '),
  };
};

/** Lists all functions. */
export const listFunctions = async (target: Target, asJson: boolean): Promise<void> => {
  const client = new LambdaClient(target);
  const functions: ListedFunction[] = [];
  for await (const { Functions = [] } of paginateListFunctions({ client }, {})) {
    for (const each of Functions) functions.push(await describe(client, each));
  }
  if (asJson) printJson(functions);
  else if (functions.length === 0) print('no functions');
  else {
    print(
      table(
        ['FUNCTION', 'RUNTIME', 'TIMEOUT', 'MEMORY', 'RESERVED', 'FAILED EVENTS GO TO'],
        functions.map((each) => [
          each.name,
          each.runtime,
          `${each.timeoutSeconds} s`,
          `${each.memoryMb} MB`,
          each.reservedConcurrency ?? '',
          each.failuresGoTo,
        ]),
      ),
    );
  }
};

/** The name, once it is known that there is no function of that name. */
const meantFunction = async (client: LambdaClient, typed: string): Promise<string> => {
  const names: string[] = [];
  for await (const { Functions = [] } of paginateListFunctions({ client }, {})) {
    names.push(...Functions.flatMap(({ FunctionName }) => FunctionName ?? []));
  }
  return meantName('function', typed, names);
};

/** Invokes a function; what it answers goes to stdout as it is. */
export const invokeFunction = async (target: Target, name: string, event: string, isEvent: boolean): Promise<void> => {
  try {
    JSON.parse(event);
  } catch (error) {
    throw new CommandError(`event: "${event}" is no JSON. ${(error as Error).message}`, EXIT.usage, { cause: error });
  }
  const client = new LambdaClient(target);
  const invoke = (FunctionName: string) =>
    client.send(
      new InvokeCommand({ FunctionName, Payload: event, InvocationType: isEvent ? 'Event' : 'RequestResponse' }),
    );
  const { FunctionError, Payload, StatusCode } = await invoke(name).catch(async (error: Error) => {
    // An ARN or a version names one function, and no other.
    if (error.name !== 'ResourceNotFoundException' || name.includes(':')) throw error;
    return invoke(await meantFunction(client, name));
  });
  if (isEvent) {
    note(`accepted (${StatusCode})`);
    return;
  }
  print(Payload?.transformToString() ?? '');
  if (FunctionError === undefined) return;
  note(`the function failed (${FunctionError})`);
  process.exitCode = EXIT.findings;
};
