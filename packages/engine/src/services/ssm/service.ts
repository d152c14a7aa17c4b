import type * as Sdk from '@aws-sdk/client-ssm';
import type {
  DeleteParametersCommandOutput,
  Parameter as DescribedParameter,
  GetParameterHistoryCommandInput,
  GetParameterHistoryCommandOutput,
  GetParametersByPathCommandInput,
  GetParametersByPathCommandOutput,
  LabelParameterVersionCommandInput,
} from '@aws-sdk/client-ssm';
import { base64OfText } from '@holdfast/kernel';
import {
  Constraints,
  notSupported,
  type Operations,
  operation,
  type RequestContext,
  type Result,
  type Service,
  type ServiceEnvironment,
  ServiceError,
} from '../../core/index.ts';
import { checkPath, readReference } from './parameter-name.ts';
import { type Found, latestOf, type Parameter, ParameterStore } from './parameter-store.ts';
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
import { labelVersion, mergedTags, putParameter, unlabelVersion } from './write-parameter.ts';

const NAMES_MAX = 10;
const BY_PATH_MAX = 10;
const DESCRIBED_MAX = 50;

/** Parameter Store of AWS Systems Manager: hierarchies, versions, labels, secure strings (not really encrypted). */
export class SsmService implements Service {
  readonly operations: Operations<typeof Sdk>;
  readonly #environment: ServiceEnvironment;
  readonly #store: ParameterStore;

  constructor(environment: ServiceEnvironment) {
    this.#environment = environment;
    this.#store = new ParameterStore(environment.store);
    this.operations = { ...this.#writes(), ...this.#reads() };
  }

  #writes(): Operations<typeof Sdk> {
    const store = this.#store;
    return {
      PutParameter: operation(
        ['Name', 'Value', 'Type', 'Description', 'KeyId', 'Overwrite', 'AllowedPattern', 'Tags', 'Tier', 'DataType'],
        (input, context) => {
          const { parameter, isNew } = putParameter(this.#environment, store, input, context);
          const { version, tier } = latestOf(parameter);
          this.#announce(isNew ? 'Create' : 'Update', parameter);
          return { Version: version, Tier: tier };
        },
      ),
      DeleteParameter: operation(['Name'], (input, context) => {
        new Constraints().required('name', input.Name).check();
        this.#delete(store.require(input.Name as string, context));
        return {};
      }),
      DeleteParameters: operation(['Names'], (input, context) => this.#deleteMany(checkedNames(input.Names), context)),
      LabelParameterVersion: operation(['Name', 'ParameterVersion', 'Labels'], (input, context) => {
        const parameter = this.#labelled(input, context);
        const { invalidLabels, version } = labelVersion(store, parameter, input.ParameterVersion, input.Labels ?? []);
        this.#announce('LabelParameterVersion', parameter);
        return { InvalidLabels: invalidLabels, ParameterVersion: version };
      }),
      UnlabelParameterVersion: operation(['Name', 'ParameterVersion', 'Labels'], (input, context) => {
        new Constraints().required('parameterVersion', input.ParameterVersion).check();
        const parameter = this.#labelled(input, context);
        const { removed, unknown } = unlabelVersion(store, parameter, input.ParameterVersion, input.Labels ?? []);
        return { RemovedLabels: removed, InvalidLabels: unknown };
      }),
      AddTagsToResource: operation(['ResourceType', 'ResourceId', 'Tags'], (input, context) => {
        const parameter = this.#tagged(input, context);
        store.put({ ...parameter, tags: mergedTags(parameter.tags, input.Tags) });
        return {};
      }),
      RemoveTagsFromResource: operation(['ResourceType', 'ResourceId', 'TagKeys'], (input, context) => {
        const parameter = this.#tagged(input, context);
        const tags = parameter.tags.filter((tag) => !input.TagKeys?.includes(tag.Key as string));
        store.put({ ...parameter, tags });
        return {};
      }),
    };
  }

  #reads(): Operations<typeof Sdk> {
    const store = this.#store;
    return {
      GetParameter: operation(['Name', 'WithDecryption'], (input, context) => {
        new Constraints().required('name', input.Name).check();
        const found = store.resolve(input.Name as string, context);
        return { Parameter: this.#shown(found, input.WithDecryption, context) };
      }),
      GetParameters: operation(['Names', 'WithDecryption'], (input, context) => {
        const found: Found[] = [];
        const invalidNames: string[] = [];
        for (const name of new Set(checkedNames(input.Names))) {
          const parameter = this.#tryResolve(name, context);
          if (parameter === undefined) invalidNames.push(name);
          else found.push(parameter);
        }
        return {
          Parameters: found.map((each) => this.#shown(each, input.WithDecryption, context)),
          InvalidParameters: invalidNames,
        };
      }),
      GetParametersByPath: operation(
        ['Path', 'Recursive', 'ParameterFilters', 'WithDecryption', 'MaxResults', 'NextToken'],
        (input, context) => this.#byPath(input, context),
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
      GetParameterHistory: operation(['Name', 'WithDecryption', 'MaxResults', 'NextToken'], (input, context) =>
        this.#history(input, context),
      ),
      ListTagsForResource: operation(['ResourceType', 'ResourceId'], (input, context) => ({
        TagList: [...this.#tagged(input, context).tags],
      })),
    };
  }

  #shown(found: Found, withDecryption: boolean | undefined, context: RequestContext): DescribedParameter {
    const isDecrypted = withDecryption === true;
    if (isDecrypted) checkKey(this.#environment, found.version, 'kms:Decrypt', context);
    return describeParameter(found, isDecrypted, this.#environment.digest);
  }

  #tryResolve(name: string, context: RequestContext): Found | undefined {
    try {
      return this.#store.resolve(name, context);
    } catch (error) {
      if (error instanceof ServiceError) return undefined;
      throw error;
    }
  }

  #byPath(input: GetParametersByPathCommandInput, context: RequestContext): Result<GetParametersByPathCommandOutput> {
    checkPath(input.Path);
    new Constraints().range('maxResults', input.MaxResults, 1, BY_PATH_MAX).check();
    const path = input.Path as string;
    const filtered = matchAll(input.ParameterFilters);
    const isRecursive = input.Recursive === true;
    const prefix = path.endsWith('/') ? path : `${path}/`;
    const page = takePage(
      this.#store.under(prefix, context, decodeToken(input.NextToken)),
      (parameter) => liesUnder(parameter.name, path, isRecursive) && filtered(parameter),
      input.MaxResults ?? BY_PATH_MAX,
    );
    return {
      Parameters: page.parameters.map((parameter) =>
        this.#shown({ parameter, version: latestOf(parameter), selector: undefined }, input.WithDecryption, context),
      ),
      ...(page.nextToken === undefined ? {} : { NextToken: page.nextToken }),
    };
  }

  #history(input: GetParameterHistoryCommandInput, context: RequestContext): Result<GetParameterHistoryCommandOutput> {
    new Constraints().required('name', input.Name).range('maxResults', input.MaxResults, 1, DESCRIBED_MAX).check();
    const parameter = this.#store.require(readReference(input.Name as string).name, context);
    const after = Number(decodeToken(input.NextToken) ?? 0);
    const rest = parameter.versions.filter(({ version }) => version > after);
    const page = rest.slice(0, input.MaxResults ?? DESCRIBED_MAX);
    const last = page[page.length - 1];
    const isDecrypted = input.WithDecryption === true;
    for (const version of isDecrypted ? page : []) checkKey(this.#environment, version, 'kms:Decrypt', context);
    return {
      Parameters: page.map((version) => describeHistory(parameter, version, isDecrypted, this.#environment.digest)),
      ...(last === undefined || page.length === rest.length ? {} : { NextToken: base64OfText(String(last.version)) }),
    };
  }

  #labelled(input: LabelParameterVersionCommandInput, context: RequestContext): Parameter {
    new Constraints()
      .required('name', input.Name)
      .required('labels', input.Labels)
      .length('labels', input.Labels, 1, 10)
      .check();
    return this.#store.require(input.Name as string, context);
  }

  #tagged(
    input: { readonly ResourceType: string | undefined; readonly ResourceId: string | undefined },
    context: RequestContext,
  ): Parameter {
    new Constraints().required('resourceType', input.ResourceType).required('resourceId', input.ResourceId).check();
    if (input.ResourceType !== 'Parameter') throw notSupported(`tags of SSM resource type ${input.ResourceType}`);
    const parameter = this.#store.find(input.ResourceId as string, context);
    if (parameter !== undefined) return parameter;
    throw new ServiceError(
      'InvalidResourceId',
      'The resource ID is not valid. Verify that you entered the correct ID and try again.',
      400,
    );
  }

  #delete(parameter: Parameter): void {
    this.#store.delete(parameter);
    this.#announce('Delete', parameter);
  }

  #deleteMany(names: readonly string[], context: RequestContext): Result<DeleteParametersCommandOutput> {
    const deleted: string[] = [];
    const unknown: string[] = [];
    for (const name of names) {
      const parameter = this.#store.find(name, context);
      if (parameter === undefined) {
        unknown.push(name);
        continue;
      }
      this.#delete(parameter);
      deleted.push(name);
    }
    return { DeletedParameters: deleted, InvalidParameters: unknown };
  }

  /** @see https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-cwe.html */
  #announce(change: 'Create' | 'Update' | 'Delete' | 'LabelParameterVersion', parameter: Parameter): void {
    const { type, description } = latestOf(parameter);
    this.#environment.deliver.to(
      'bus',
      'default',
      {
        source: 'aws.ssm',
        detailType: 'Parameter Store Change',
        detail: {
          operation: change,
          name: parameter.name,
          type,
          ...(description === undefined ? {} : { description }),
        },
        resources: [parameter.arn],
        account: parameter.account,
        region: parameter.region,
      },
      { principal: 'ssm.amazonaws.com' },
    );
  }
}

const checkedNames = (names: readonly string[] | undefined): readonly string[] => {
  new Constraints().required('names', names).length('names', names, 1, NAMES_MAX).check();
  return names as readonly string[];
};
