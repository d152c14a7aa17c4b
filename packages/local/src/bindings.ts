import { functionArn } from '@holdfast/aws-model';
import { type Engine, type FunctionSpec, ServiceError } from '@holdfast/engine';
import { InvalidInputError } from '@holdfast/kernel';
import { type BoundHandler, isMeant, type StackPlace } from './runtime/index.ts';

/** Functions of this process that stand in for the code of Lambda functions, by the names they were bound to. */
export class Bindings {
  readonly #handlers = new Map<string, BoundHandler>();

  /**
   * Returns how to take the binding back.
   *
   * @throws InvalidInputError when there is no name, or no function
   */
  bind(name: string, handler: BoundHandler): () => void {
    if (typeof name !== 'string' || name === '') throw new InvalidInputError('name', name, 'must name a function');
    if (typeof handler !== 'function') {
      throw new InvalidInputError('handler', String(handler), `must be a function that stands in for ${name}`);
    }
    this.#handlers.set(name, handler);
    return () => {
      if (this.#handlers.get(name) === handler) this.#handlers.delete(name);
    };
  }

  /** Asked for each invocation: without bindings it costs nothing. */
  handlerOf({ functionName, account, region }: FunctionSpec, engine: () => Engine): BoundHandler | undefined {
    if (this.#handlers.size === 0) return undefined;
    const exact = this.#handlers.get(functionName);
    if (exact !== undefined) return exact;
    const named = { functionName, arn: functionArn(region, account, functionName) };
    const place = placeOf(engine(), functionName, account, region);
    for (const [name, handler] of this.#handlers) if (isMeant(name, named, place)) return handler;
    return undefined;
  }
}

/** Where in a stack a function is, if it is in one. */
export const placeOf = (
  engine: Engine,
  functionName: string,
  account: string,
  region: string,
): StackPlace | undefined => {
  try {
    const input = { PhysicalResourceId: functionName };
    // A look is no request: one that drew an id would change all that a seed gives after it.
    const context = { account, region, requestId: '', now: engine.clock.now() };
    const { StackResources: all } = engine.call('cloudformation', 'DescribeStackResources', input, context) as {
      StackResources: readonly {
        PhysicalResourceId?: string;
        ResourceType: string;
        StackName: string;
        LogicalResourceId: string;
      }[];
    };
    // Its role may have the same name.
    const found = all.find(
      ({ PhysicalResourceId, ResourceType }) =>
        PhysicalResourceId === functionName && ResourceType === 'AWS::Lambda::Function',
    );
    return found && { stackName: found.StackName, logicalId: found.LogicalResourceId };
  } catch (error) {
    // Not of a stack.
    if (error instanceof ServiceError) return undefined;
    throw error;
  }
};
