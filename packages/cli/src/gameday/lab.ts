import { ApiGatewayV2Client, GetApisCommand, GetStageCommand, UpdateStageCommand } from '@aws-sdk/client-apigatewayv2';
import {
  DeleteFunctionConcurrencyCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  PutFunctionConcurrencyCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { CommandError, EXIT } from '../exit-code.ts';
import type { Target } from '../target.ts';

/** Puts back what was changed; a second call changes nothing. */
export type PutBack = () => Promise<void>;

const once = (work: () => Promise<void>): PutBack => {
  let isDone = false;
  return async () => {
    if (isDone) return;
    await work();
    isDone = true;
  };
};

/** A deployed ingestion lab, and all that can be broken in it: by the calls that the pages of the game days name. */
export class Lab {
  readonly target: Target;
  readonly envName: string;
  readonly apiId: string;
  readonly apiUrl: string;
  readonly #api: ApiGatewayV2Client;
  readonly #lambda: LambdaClient;
  readonly #ssm: SSMClient;

  private constructor(target: Target, envName: string, api: { readonly id: string; readonly url: string }) {
    this.target = target;
    this.envName = envName;
    this.apiId = api.id;
    this.apiUrl = api.url;
    this.#api = new ApiGatewayV2Client(target);
    this.#lambda = new LambdaClient(target);
    this.#ssm = new SSMClient(target);
  }

  /** @throws CommandError when there is no lab of that environment */
  static async find(target: Target, envName: string): Promise<Lab> {
    const { Items = [] } = await new ApiGatewayV2Client(target).send(new GetApisCommand({}));
    const found = Items.find(({ Name }) => Name === `ingestion-api-${envName}`);
    if (found === undefined) {
      throw new CommandError(
        `no ingestion lab of the environment "${envName}" is deployed there; start one with "holdfast up --stack IngestionLab", or name another by --env-name`,
        EXIT.notFound,
      );
    }
    return new Lab(target, envName, { id: found.ApiId ?? '', url: found.ApiEndpoint ?? '' });
  }

  /** Names in the lab carry its environment. */
  named(name: string): string {
    return `ingestion-${name}-${this.envName}`;
  }

  /** Calls the lab's own API. @throws CommandError when it refuses */
  async api(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(`${this.apiUrl}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.ok) return JSON.parse(text);
    throw new CommandError(`${method} ${path}: HTTP ${response.status} ${text}`, EXIT.findings);
  }

  async breakBy(mode: string): Promise<PutBack> {
    const FunctionName = this.named('worker');
    const { Environment } = await this.#lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    const Name = Environment?.Variables?.['FAILURE_MODE_PARAMETER'];
    const { Parameter } = await this.#ssm.send(new GetParameterCommand({ Name }));
    const put = (Value: string) =>
      this.#ssm.send(new PutParameterCommand({ Name, Value, Type: 'String', Overwrite: true }));
    await put(mode);
    return once(async () => void (await put(Parameter?.Value ?? 'none')));
  }

  /** Sets variables of the worker; the others stay. */
  async setWorker(variables: Readonly<Record<string, string>>): Promise<PutBack> {
    const FunctionName = this.named('worker');
    const { Environment } = await this.#lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    const before = Environment?.Variables ?? {};
    const put = (Variables: Record<string, string>) =>
      this.#lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }));
    await put({ ...before, ...variables });
    return once(async () => void (await put(before)));
  }

  /** Gives a function so many environments and no more. */
  async limitFunction(name: string, ReservedConcurrentExecutions: number): Promise<PutBack> {
    const FunctionName = this.named(name);
    const before = await this.#lambda.send(new GetFunctionConcurrencyCommand({ FunctionName }));
    const put = (limit: number) =>
      this.#lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: limit }));
    await put(ReservedConcurrentExecutions);
    return once(async () => {
      if (before.ReservedConcurrentExecutions === undefined) {
        await this.#lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
      } else await put(before.ReservedConcurrentExecutions);
    });
  }

  /** Lets the API take so many requests a second, and so many at once. */
  async limitApi(ThrottlingRateLimit: number, ThrottlingBurstLimit: number): Promise<PutBack> {
    const stage = { ApiId: this.apiId, StageName: '$default' };
    const { DefaultRouteSettings: before = {} } = await this.#api.send(new GetStageCommand(stage));
    const put = (settings: typeof before) =>
      this.#api.send(new UpdateStageCommand({ ...stage, DefaultRouteSettings: settings }));
    await put({ ...before, ThrottlingRateLimit, ThrottlingBurstLimit });
    return once(async () => void (await put(before)));
  }
}
