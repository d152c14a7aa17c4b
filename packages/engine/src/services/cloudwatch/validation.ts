import type { Dimension } from '@aws-sdk/client-cloudwatch';
import { Constraints, ServiceError } from '../../core/index.ts';

export const invalidValue = (message: string): ServiceError =>
  new ServiceError('InvalidParameterValueException', message, 400);

export const invalidCombination = (message: string): ServiceError =>
  new ServiceError('InvalidParameterCombinationException', message, 400);

export const missingParameter = (name: string): ServiceError =>
  new ServiceError('MissingRequiredParameterException', `The parameter ${name} is required.`, 400);

const rates = ['Bytes', 'Kilobytes', 'Megabytes', 'Gigabytes', 'Terabytes', 'Bits', 'Kilobits', 'Megabits', 'Gigabits'];

/** Units that CloudWatch knows. @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html */
export const UNITS: readonly string[] = [
  'Seconds',
  'Microseconds',
  'Milliseconds',
  ...rates,
  'Terabits',
  'Percent',
  'Count',
  ...rates.map((unit) => `${unit}/Second`),
  'Terabits/Second',
  'Count/Second',
  'None',
];

export const STATISTICS: readonly string[] = ['SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum'];

/** A metric has at most so many dimensions. */
export const DIMENSIONS_MAX = 30;

/** Checks dimensions and sorts them by name: their order carries no meaning. */
export const sortedDimensions = (
  dimensions: readonly Dimension[] | undefined,
  path: string,
): readonly (readonly [string, string])[] => {
  if (dimensions === undefined || dimensions.length === 0) return [];
  const constraints = new Constraints().length(path, dimensions, 0, DIMENSIONS_MAX);
  dimensions.forEach(({ Name, Value }, index) => {
    constraints
      .required(`${path}.${index + 1}.member.name`, Name)
      .required(`${path}.${index + 1}.member.value`, Value)
      .length(`${path}.${index + 1}.member.name`, Name, 1, 255)
      .length(`${path}.${index + 1}.member.value`, Value, 1, 1_024);
  });
  constraints.check();
  const pairs = dimensions.map(({ Name, Value }): readonly [string, string] => [Name as string, Value as string]);
  pairs.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
  pairs.forEach(([name], index) => {
    if (pairs[index + 1]?.[0] === name) {
      throw invalidValue(`The collection ${path} must not contain duplicate dimensions: ${name}.`);
    }
  });
  return pairs;
};

/** @throws ServiceError unless the unit is one of {@link UNITS} or absent */
export const checkUnit = (unit: string | undefined, path: string): void => {
  new Constraints().oneOf(path, unit, UNITS).check();
};

export const toDimensions = (pairs: readonly (readonly [string, string])[]): Dimension[] =>
  pairs.map(([Name, Value]) => ({ Name, Value }));
