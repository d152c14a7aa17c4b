import { rmSync } from 'node:fs';
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { bundleEntry } from './bundle-entry.ts';

/** What a {@link PipelineFunction} is made from. */
export interface PipelineFunctionProps {
  /** Name of the function; its log group is `/aws/lambda/<name>`. */
  readonly functionName: string;
  /** Absolute path of the TypeScript or JavaScript file that exports the handler. */
  readonly entry: string;
  /**
   * Name of the export that handles invocations.
   * @default 'handler'
   */
  readonly handlerExport?: string;
  /** One sentence for the console. */
  readonly description: string;
  /**
   * Share of the account's concurrency that is set aside for this function and is also its upper bound.
   * @default - unreserved
   */
  readonly reservedConcurrency?: number;
  /** @default Duration.seconds(30) */
  readonly timeout?: Duration;
  /** @default 256 */
  readonly memoryMb?: number;
  /** @default - none */
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * Active tracing: Lambda and the function's own code tell X-Ray of invocations, and the role may do so.
   * @default false
   */
  readonly tracing?: boolean;
  /** @default logs.RetentionDays.ONE_MONTH */
  readonly logRetention?: logs.RetentionDays;
}

/** What a {@link PipelineFunction} gets when its props leave it out. */
export const PIPELINE_FUNCTION_DEFAULTS = {
  handlerExport: 'handler',
  timeout: Duration.seconds(30),
  memoryMb: 256,
  logRetention: logs.RetentionDays.ONE_MONTH,
} as const;

/** What was bundled for a stack: functions of the same entry share their code. */
const codeOfStacks = new WeakMap<Stack, Map<string, lambda.Code>>();

const bundledCode = (stack: Stack, entry: string, use: (code: lambda.Code) => lambda.Function): lambda.Function => {
  const codes = codeOfStacks.get(stack) ?? new Map<string, lambda.Code>();
  codeOfStacks.set(stack, codes);
  const known = codes.get(entry);
  if (known !== undefined) return use(known);
  const directory = bundleEntry(entry);
  const code = lambda.Code.fromAsset(directory);
  codes.set(entry, code);
  try {
    // Copies the bundle into the assembly.
    return use(code);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};

/**
 * A Node function with a role that allows exactly what is said with {@link allow}: at first, writing to its own log
 * group and nothing else.
 *
 * The role's permissions are inline, so the function is never created before they are, and CloudFormation has no
 * separate policy resource that a bucket or queue could form a cycle with.
 *
 * @example
 * ```ts
 * const orders = new PipelineFunction(stack, 'Orders', {
 *   functionName: 'orders',
 *   entry: join(import.meta.dirname, 'orders.ts'),
 *   description: 'Books orders',
 * });
 * orders.allow('WriteOrders', ['dynamodb:PutItem'], [table.tableArn]);
 * ```
 */
export class PipelineFunction extends Construct {
  readonly function: lambda.Function;
  readonly role: iam.Role;
  readonly logGroup: logs.LogGroup;
  readonly functionName: string;
  readonly timeout: Duration;
  readonly reservedConcurrency: number | undefined;
  readonly #permissions: iam.PolicyDocument;

  constructor(scope: Construct, id: string, props: PipelineFunctionProps) {
    super(scope, id);
    this.functionName = props.functionName;
    this.timeout = props.timeout ?? PIPELINE_FUNCTION_DEFAULTS.timeout;
    this.reservedConcurrency = props.reservedConcurrency;

    this.logGroup = new logs.LogGroup(this, 'Logs', {
      logGroupName: `/aws/lambda/${props.functionName}`,
      retention: props.logRetention ?? PIPELINE_FUNCTION_DEFAULTS.logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.#permissions = new iam.PolicyDocument();
    this.role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      description: `What ${props.functionName} may do`,
      inlinePolicies: { permissions: this.#permissions },
    });
    // No logs:CreateLogGroup: the group above exists, with a retention that a group made by Lambda would lack.
    this.allow('Log', ['logs:CreateLogStream', 'logs:PutLogEvents'], [this.logGroup.logGroupArn]);

    // X-Ray has no resources that a statement could name.
    if (props.tracing === true) this.allow('Trace', ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'], ['*']);

    this.function = bundledCode(
      Stack.of(this),
      props.entry,
      (code) =>
        new lambda.Function(this, 'Function', {
          functionName: props.functionName,
          description: props.description,
          runtime: lambda.Runtime.NODEJS_24_X,
          architecture: lambda.Architecture.ARM_64,
          handler: `index.${props.handlerExport ?? PIPELINE_FUNCTION_DEFAULTS.handlerExport}`,
          code,
          role: this.role,
          timeout: this.timeout,
          memorySize: props.memoryMb ?? PIPELINE_FUNCTION_DEFAULTS.memoryMb,
          ...(props.environment === undefined ? {} : { environment: props.environment }),
          ...(props.reservedConcurrency === undefined
            ? {}
            : { reservedConcurrentExecutions: props.reservedConcurrency }),
        }),
    );
    if (props.tracing === true) {
      // The prop of this name would add a policy of its own to the role.
      const { defaultChild } = this.function.node;
      (defaultChild as lambda.CfnFunction).tracingConfig = { mode: 'Active' };
    }
    this.function.node.addDependency(this.logGroup);
  }

  /** Lets the function call `actions` on `resources`. `sid` says what for. */
  allow(sid: string, actions: readonly string[], resources: readonly string[]): void {
    this.#permissions.addStatements(new iam.PolicyStatement({ sid, actions: [...actions], resources: [...resources] }));
  }

  /** Adds a variable to the function's environment. */
  setEnvironment(name: string, value: string): void {
    this.function.addEnvironment(name, value);
  }
}
