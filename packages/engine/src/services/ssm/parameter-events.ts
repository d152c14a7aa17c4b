import type { ServiceEnvironment } from '../../core/index.ts';
import { latestOf, type Parameter } from './parameter-store.ts';

/**
 * Tells EventBridge what has become of a parameter.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-cwe.html
 */
export const announce = (
  environment: ServiceEnvironment,
  change: 'Create' | 'Update' | 'Delete' | 'LabelParameterVersion',
  parameter: Parameter,
): void => {
  const { type, description } = latestOf(parameter);
  environment.deliver.to(
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
};
