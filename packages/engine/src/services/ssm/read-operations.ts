import type * as Sdk from '@aws-sdk/client-ssm';
import type { Parameter as DescribedParameter } from '@aws-sdk/client-ssm';
import { base64OfText } from '@holdfast/kernel';
import {
  Constraints,
  type Operations,
  operation,
  type RequestContext,
  type ServiceEnvironment,
  ServiceError,
} from '../../core/index.ts';
import { checkedNames, checkPath, readReference } from './parameter-name.ts';
import { type Found, latestOf, type ParameterStore } from './parameter-store.ts';
import {
  decodeToken,
  describeHistory,
  describeMetadata,
  describeParameter,
  liesUnder,
  matchAll,
  takePage,
} from './read-parameters.ts';
import { checkKey } from './secure-string.ts';

const BY_PATH_MAX = 10;
const DESCRIBED_MAX = 50;

/** Reading parameters by name and by path, and their history. */
export const readOperations = (environment: ServiceEnvironment, store: ParameterStore): Operations<typeof Sdk> => {
  const shown = (found: Found, withDecryption: boolean | undefined, context: RequestContext): DescribedParameter => {
    const isDecrypted = withDecryption === true;
    if (isDecrypted) checkKey(environment, found.version, 'kms:Decrypt', context);
    return describeParameter(found, isDecrypted, environment.digest);
  };
  const tryResolve = (name: string, context: RequestContext): Found | undefined => {
    try {
      return store.resolve(name, context);
    } catch (error) {
      if (error instanceof ServiceError) return undefined;
      throw error;
    }
  };
  return {
    GetParameter: operation(['Name', 'WithDecryption'], (input, context) => {
      new Constraints().required('name', input.Name).check();
      return { Parameter: shown(store.resolve(input.Name as string, context), input.WithDecryption, context) };
    }),
    GetParameters: operation(['Names', 'WithDecryption'], (input, context) => {
      const found: Found[] = [];
      const invalidNames: string[] = [];
      for (const name of new Set(checkedNames(input.Names))) {
        const parameter = tryResolve(name, context);
        if (parameter === undefined) invalidNames.push(name);
        else found.push(parameter);
      }
      return {
        Parameters: found.map((each) => shown(each, input.WithDecryption, context)),
        InvalidParameters: invalidNames,
      };
    }),
    GetParametersByPath: operation(
      ['Path', 'Recursive', 'ParameterFilters', 'WithDecryption', 'MaxResults', 'NextToken'],
      (input, context) => {
        checkPath(input.Path);
        new Constraints().range('maxResults', input.MaxResults, 1, BY_PATH_MAX).check();
        const path = input.Path as string;
        const filtered = matchAll(input.ParameterFilters);
        const isRecursive = input.Recursive === true;
        const prefix = path.endsWith('/') ? path : `${path}/`;
        const page = takePage(
          store.under(prefix, context, decodeToken(input.NextToken)),
          (parameter) => liesUnder(parameter.name, path, isRecursive) && filtered(parameter),
          input.MaxResults ?? BY_PATH_MAX,
        );
        return {
          Parameters: page.parameters.map((parameter) =>
            shown({ parameter, version: latestOf(parameter), selector: undefined }, input.WithDecryption, context),
          ),
          ...(page.nextToken === undefined ? {} : { NextToken: page.nextToken }),
        };
      },
    ),
    DescribeParameters: operation(['ParameterFilters', 'MaxResults', 'NextToken'], (input, context) => {
      new Constraints().range('maxResults', input.MaxResults, 1, DESCRIBED_MAX).check();
      const source = store.under('', context, decodeToken(input.NextToken));
      const page = takePage(source, matchAll(input.ParameterFilters), input.MaxResults ?? DESCRIBED_MAX);
      return {
        Parameters: page.parameters.map((parameter) => describeMetadata(parameter)),
        ...(page.nextToken === undefined ? {} : { NextToken: page.nextToken }),
      };
    }),
    GetParameterHistory: operation(['Name', 'WithDecryption', 'MaxResults', 'NextToken'], (input, context) => {
      new Constraints().required('name', input.Name).range('maxResults', input.MaxResults, 1, DESCRIBED_MAX).check();
      const parameter = store.require(readReference(input.Name as string).name, context);
      const after = Number(decodeToken(input.NextToken) ?? 0);
      const rest = parameter.versions.filter(({ version }) => version > after);
      const page = rest.slice(0, input.MaxResults ?? DESCRIBED_MAX);
      const last = page[page.length - 1];
      const isDecrypted = input.WithDecryption === true;
      for (const version of isDecrypted ? page : []) checkKey(environment, version, 'kms:Decrypt', context);
      return {
        Parameters: page.map((version) => describeHistory(parameter, version, isDecrypted, environment.digest)),
        ...(last === undefined || page.length === rest.length ? {} : { NextToken: base64OfText(String(last.version)) }),
      };
    }),
  };
};
