import { functionArn } from '@holdfast/aws-model';
import { type Engine, ServiceError } from '@holdfast/engine';
import { InvalidInputError } from '@holdfast/kernel';
import { placeOf } from '../bindings.ts';
import { isMeant } from '../runtime/index.ts';

/** Whose functions are meant when only a name is said. */
export interface Home {
  readonly account: string;
  readonly region: string;
}

const ARN = /^arn:aws:lambda:([^:]+):(\d{12}):function:([^:]+)(:.+)?$/;
/** So many names say what there is. */
const NAMED_MAX = 8;

const functionsOf = (engine: Engine, home: Home): string[] => {
  const names: string[] = [];
  let Marker: string | undefined;
  do {
    // A look is no request: one that drew an id would change all that a seed gives after it.
    const context = { ...home, requestId: '', now: engine.clock.now() };
    const page = engine.call('lambda', 'ListFunctions', { Marker }, context) as {
      readonly Functions: readonly { readonly FunctionName: string }[];
      readonly NextMarker?: string;
    };
    names.push(...page.Functions.map(({ FunctionName }) => FunctionName));
    Marker = page.NextMarker;
  } while (Marker !== undefined);
  return names;
};

const ofArn = (engine: Engine, arn: string, [, region = '', account = '', name = '', qualifier]: RegExpExecArray) => {
  if (qualifier !== undefined) {
    throw new InvalidInputError('function', arn, 'must be the ARN of a function, without a version or an alias');
  }
  try {
    const context = { region, account, requestId: '', now: engine.clock.now() };
    engine.call('lambda', 'GetFunctionConfiguration', { FunctionName: name }, context);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    throw new InvalidInputError('function', arn, 'is no function that is here');
  }
  return arn;
};

/**
 * The ARN of the function that somebody means by its ARN, its name, its logical id in a stack or its CDK path.
 *
 * @throws InvalidInputError when there is none, or more than one
 */
export const namedFunction = (engine: Engine, home: Home, name: string): string => {
  if (typeof name !== 'string' || name === '') {
    throw new InvalidInputError('function', name, 'must be the name or the ARN of a function');
  }
  const parts = ARN.exec(name);
  if (parts !== null) return ofArn(engine, name, parts);
  const { account, region } = home;
  const arnOf = (functionName: string): string => functionArn(region, account, functionName);
  const functions = functionsOf(engine, home);
  if (functions.includes(name)) return arnOf(name);
  const meant = functions.filter((functionName) =>
    isMeant(name, { functionName, arn: arnOf(functionName) }, placeOf(engine, functionName, account, region)),
  );
  const [one] = meant;
  if (one !== undefined && meant.length === 1) return arnOf(one);
  if (one !== undefined) throw new InvalidInputError('function', name, `is any of ${meant.join(', ')}; use its name`);
  const some = functions.slice(0, NAMED_MAX).join(', ');
  const there = functions.length > NAMED_MAX ? `${some} and ${functions.length - NAMED_MAX} more` : some;
  const are = functions.length === 0 ? `there are none in ${region}` : `there are ${there}`;
  throw new InvalidInputError('function', name, `is no function that is here; ${are}`);
};
