import type * as Sdk from '@aws-sdk/client-ssm';
import type { DeleteParametersCommandOutput, LabelParameterVersionCommandInput } from '@aws-sdk/client-ssm';
import {
  Constraints,
  type Operations,
  operation,
  type RequestContext,
  type Result,
  type ServiceEnvironment,
} from '../../core/index.ts';
import { announce } from './parameter-events.ts';
import { checkedNames } from './parameter-name.ts';
import { latestOf, type Parameter, type ParameterStore } from './parameter-store.ts';
import { labelVersion, putParameter, unlabelVersion } from './write-parameter.ts';

/** Putting, labelling and deleting parameters; EventBridge hears of each. */
export const writeOperations = (environment: ServiceEnvironment, store: ParameterStore): Operations<typeof Sdk> => {
  const remove = (parameter: Parameter): void => {
    store.delete(parameter);
    announce(environment, 'Delete', parameter);
  };
  const removeAll = (names: readonly string[], context: RequestContext): Result<DeleteParametersCommandOutput> => {
    const deleted: string[] = [];
    const unknown: string[] = [];
    for (const name of names) {
      const parameter = store.find(name, context);
      if (parameter !== undefined) remove(parameter);
      (parameter === undefined ? unknown : deleted).push(name);
    }
    return { DeletedParameters: deleted, InvalidParameters: unknown };
  };
  const labelled = (input: LabelParameterVersionCommandInput, context: RequestContext): Parameter => {
    new Constraints()
      .required('name', input.Name)
      .required('labels', input.Labels)
      .length('labels', input.Labels, 1, 10)
      .check();
    return store.require(input.Name as string, context);
  };
  return {
    PutParameter: operation(
      ['Name', 'Value', 'Type', 'Description', 'KeyId', 'Overwrite', 'AllowedPattern', 'Tags', 'Tier', 'DataType'],
      (input, context) => {
        const { parameter, isNew } = putParameter(environment, store, input, context);
        const { version, tier } = latestOf(parameter);
        announce(environment, isNew ? 'Create' : 'Update', parameter);
        return { Version: version, Tier: tier };
      },
    ),
    DeleteParameter: operation(['Name'], (input, context) => {
      new Constraints().required('name', input.Name).check();
      remove(store.require(input.Name as string, context));
      return {};
    }),
    DeleteParameters: operation(['Names'], (input, context) => removeAll(checkedNames(input.Names), context)),
    LabelParameterVersion: operation(['Name', 'ParameterVersion', 'Labels'], (input, context) => {
      const parameter = labelled(input, context);
      const { invalidLabels, version } = labelVersion(store, parameter, input.ParameterVersion, input.Labels ?? []);
      announce(environment, 'LabelParameterVersion', parameter);
      return { InvalidLabels: invalidLabels, ParameterVersion: version };
    }),
    UnlabelParameterVersion: operation(['Name', 'ParameterVersion', 'Labels'], (input, context) => {
      new Constraints().required('parameterVersion', input.ParameterVersion).check();
      const parameter = labelled(input, context);
      const { removed, unknown } = unlabelVersion(store, parameter, input.ParameterVersion, input.Labels ?? []);
      return { RemovedLabels: removed, InvalidLabels: unknown };
    }),
  };
};
