import { notSupported } from '../../../core/index.ts';
import { invalidParameter } from '../errors.ts';

/** In the order in which AWS printed them when asked on 25 January 2026. */
export const CREATABLE_RUNTIMES =
  'nodejs20.x, python3.14, provided.al2023, python3.12, python3.13, nodejs24.x, nodejs22.x, java25, python3.10, python3.11, java21, ruby3.3, ruby3.4, ruby3.2, python3.8, python3.9, java17, nodejs16.x, dotnet10, dotnet8, java11, dotnet6, nodejs18.x, provided.al2, java8.al2';

const NAMES = new Set(CREATABLE_RUNTIMES.split(', '));

/** Versions come and go, so the family decides what runs here: tomorrow's Node.js is taken today. */
const RUNS_HERE = /^(nodejs\d+\.x|python\d+\.\d+|provided\.al\d+)$/;

const RETIRED =
  /^(nodejs(4\.3(-edge)?|6\.10|8\.10|1[024]\.x)?|python(2\.7|3\.[67])|provided|go1\.x|java8|ruby2\.[57]|dotnetcore[123]\.[01]|dotnet(5\.0|7))$/;

/** All that AWS's lists of layers know, in the order in which they print them. */
export const RUNTIMES_EVER =
  'ruby3.5, ruby2.6, dotnetcore1.0, python3.7, nodejs8.10, nasa, ruby2.7, python2.7-greengrass, dotnetcore2.0, python3.8, java21, dotnet6, dotnetcore2.1, python3.9, java11, nodejs6.10, provided, dotnetcore3.1, dotnet8, java25, java17, nodejs, nodejs4.3, java8.al2, go1.x, dotnet10, nodejs20.x, go1.9, byol, nodejs10.x, provided.al2023, nodejs22.x, python3.10, java8, nodejs12.x, python3.11, nodejs24.x, nodejs8.x, python3.12, nodejs14.x, nodejs8.9, nodejs26.x, python3.13, python3.14, nodejs16.x, python3.15, provided.al2, nodejs4.3-edge, nodejs18.x, ruby3.2, python3.4, ruby3.3, ruby3.4, ruby2.5, python3.6, python2.7'.split(
    ', ',
  );

/** Layers may be compatible with what cannot run here, and with what AWS has retired. */
export const isRuntimeOfLayers = (runtime: string): boolean =>
  RUNS_HERE.test(runtime) || NAMES.has(runtime) || RUNTIMES_EVER.includes(runtime);

/**
 * @throws ServiceError in AWS's words for names that AWS refuses, by name for those that only AWS can run
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
 */
export const checkRuntime = (runtime: string | undefined): void => {
  if (runtime === undefined) return;
  if (RETIRED.test(runtime)) {
    throw invalidParameter(
      `The runtime parameter of ${runtime} is no longer supported for creating or updating AWS Lambda functions. We recommend you use a supported runtime while creating or updating functions.`,
    );
  }
  if (RUNS_HERE.test(runtime)) return;
  if (NAMES.has(runtime)) throw notSupported(`functions with runtime ${runtime}`);
  throw invalidParameter(
    `Value ${runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [${CREATABLE_RUNTIMES}] or be a valid ARN`,
  );
};
