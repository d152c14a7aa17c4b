import type { Stack, StackEvent } from '@aws-sdk/client-cloudformation';
import {
  Engine,
  type FunctionRuntime,
  MemoryStore,
  type RuntimeInvocation,
  SERVICES,
  type Store,
} from '@holdfast/engine';
import { idsFrom, ManualClock, seededRandom, VirtualDriver } from '@holdfast/kernel';
import { liveCryptography, liveDigest } from '@holdfast/kernel/live';
import { cloudFormation } from './descriptor.ts';
import { loadYaml } from './template/yaml.ts';

// Its templates may be YAML.
await loadYaml();

/** For tests: functions are accepted and never run. */
const idleRuntime: FunctionRuntime = {
  invoke: (_: RuntimeInvocation) => {},
  retire: () => {},
};

/** For tests: an engine on a manual clock with CloudFormation added. */
export class DeployerBench {
  readonly clock = new ManualClock();
  readonly engine: Engine;
  readonly driver: VirtualDriver;

  constructor(store: Store = new MemoryStore(), seed = 1) {
    const random = seededRandom(seed);
    const ids = idsFrom(random.stream('ids'));
    this.engine = new Engine({
      clock: this.clock,
      random: random.stream('engine'),
      ids,
      digest: liveDigest,
      cryptography: liveCryptography,
      store,
      runtime: idleRuntime,
      services: [...SERVICES, cloudFormation],
    });
    this.engine.start();
    this.driver = new VirtualDriver(this.clock, [this.engine], { whenQuiet: settled });
  }

  async call<Output = Record<string, unknown>>(service: string, action: string, input: object = {}): Promise<Output> {
    return (await this.engine.call(service, action, input, this.engine.context())) as Output;
  }

  cloudFormation<Output = Record<string, unknown>>(action: string, input: object = {}): Promise<Output> {
    return this.call<Output>('cloudformation', action, input);
  }

  /** Creates a stack and lets it come to its end. */
  async create(stackName: string, template: object | string, more: object = {}): Promise<Stack> {
    await this.cloudFormation('CreateStack', { StackName: stackName, TemplateBody: bodyOf(template), ...IAM, ...more });
    return this.settle(stackName);
  }

  async update(stackName: string, template: object | string, more: object = {}): Promise<Stack> {
    await this.cloudFormation('UpdateStack', { StackName: stackName, TemplateBody: bodyOf(template), ...IAM, ...more });
    return this.settle(stackName);
  }

  /** The stack once nothing is under way any more. */
  async settle(stackName: string): Promise<Stack> {
    for (let turn = 0; turn < 200; turn++) {
      const stack = await this.describe(stackName);
      if (!stack.StackStatus?.endsWith('_IN_PROGRESS')) return stack;
      await settled();
      // Some resources take their time: the deployment waits for them in the engine's time.
      if (turn > 4) await this.driver.advance(1_000);
    }
    throw new Error(`stack ${stackName} did not settle`);
  }

  async describe(stackName: string): Promise<Stack> {
    const { Stacks } = await this.cloudFormation<{ Stacks: Stack[] }>('DescribeStacks', { StackName: stackName });
    return Stacks[0] as Stack;
  }

  /** `logical id status` of every event, oldest first. */
  async history(stackName: string): Promise<readonly string[]> {
    return (await this.events(stackName)).map((event) => `${event.LogicalResourceId} ${event.ResourceStatus}`);
  }

  async events(stackName: string): Promise<readonly StackEvent[]> {
    const { StackEvents } = await this.cloudFormation<{ StackEvents: StackEvent[] }>('DescribeStackEvents', {
      StackName: stackName,
    });
    return StackEvents.reverse();
  }
}

const IAM = { Capabilities: ['CAPABILITY_NAMED_IAM'] };

const bodyOf = (template: object | string): string =>
  typeof template === 'string' ? template : JSON.stringify(template);

/** Lets promise callbacks run. */
const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
};
