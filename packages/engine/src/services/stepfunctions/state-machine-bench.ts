import type {
  DescribeExecutionCommandOutput,
  GetExecutionHistoryCommandOutput,
  HistoryEvent,
} from '@aws-sdk/client-sfn';
import { TestEngine } from '../../test-engine.ts';

export const ROLE = 'arn:aws:iam::000000000000:role/states';

/** For tests: an engine with state machines that are made from objects. */
export class StatesBench extends TestEngine {
  async create(definition: object, options: object = {}): Promise<string> {
    const name = `machine-${this.engine.ids.hex(8)}`;
    const { stateMachineArn } = await this.call<{ stateMachineArn: string }>('states', 'CreateStateMachine', {
      name,
      definition: JSON.stringify(definition),
      roleArn: ROLE,
      ...options,
    });
    return stateMachineArn;
  }

  async begin(stateMachineArn: string, input: unknown = {}): Promise<string> {
    const { executionArn } = await this.call<{ executionArn: string }>('states', 'StartExecution', {
      stateMachineArn,
      input: JSON.stringify(input),
    });
    return executionArn;
  }

  /** Makes a machine, starts it, and lets `ms` pass. */
  async run(definition: object, input: unknown = {}, ms = 0): Promise<DescribeExecutionCommandOutput> {
    const arn = await this.begin(await this.create(definition), input);
    await this.advance(ms);
    return this.describe(arn);
  }

  describe(executionArn: string): Promise<DescribeExecutionCommandOutput> {
    return this.call<DescribeExecutionCommandOutput>('states', 'DescribeExecution', { executionArn });
  }

  async history(executionArn: string): Promise<HistoryEvent[]> {
    const answer = await this.call<GetExecutionHistoryCommandOutput>('states', 'GetExecutionHistory', {
      executionArn,
      maxResults: 1_000,
    });
    return answer.events ?? [];
  }

  async addFunction(name: string): Promise<string> {
    await this.call('lambda', 'CreateFunction', {
      FunctionName: name,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: ROLE,
      Code: { ZipFile: new Uint8Array([0x50, 0x4b, 0x03, 0x04]) },
    });
    return `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
  }
}

export const eventNames = (events: readonly HistoryEvent[]): string[] =>
  events.map(({ id, previousEventId, type }) => `${id}<${previousEventId} ${type}`);
