import type { Json, JsonObject } from '../json.ts';
import type { MemberShapes } from './shape.ts';

/** What a resource needs from the deployment it is part of. */
export interface ResourceContext {
  readonly account: string;
  readonly region: string;
  readonly stackName: string;
  readonly stackId: string;
  readonly logicalId: string;
  /** As the template names it. */
  readonly type: string;
  /** Where URLs that nobody else makes point to. */
  readonly endpoint: string;
  /** Performs an action of a service as any client would. */
  call<Output = unknown>(service: string, action: string, input: object): Promise<Output>;
  /** `<stack>-<logical id>-<12 characters>`, the same however often it is asked for within one creation. */
  generateName(options?: NameRules): string;
  /**
   * For what several stacks share, and each changes in part: until `work` is done no other stack works on it, so that what
   * was read of it is still so when it is written.
   */
  alone<Output>(shared: string, work: () => Promise<Output>): Promise<Output>;
  /** Waits, in the engine's time, until `isReady`; fails with `what` in the sentence after {@link WAIT_MAX_MS}, or as a limit says. */
  until(isReady: () => Promise<boolean>, what: string | WaitLimit): Promise<void>;
  /** What a file says that a template leads to; `undefined` when it is not YAML. */
  readYaml(text: string): Promise<Json | undefined>;
  /** A URL that somebody outside is to answer at. */
  openResponse(): OpenResponse;
}

export interface WaitLimit {
  readonly waitMs: number;
  /** What the event of the resource says then. */
  readonly failure: string;
}

/** An answer that is awaited. */
export interface OpenResponse {
  readonly requestId: string;
  readonly url: string;
  /** What was put there, if anything was. */
  read(): string | undefined;
  close(): void;
}

export interface NameRules {
  /** What stands in the place of the stack's name. */
  readonly stack?: string;
  readonly maxLength?: number;
  readonly isLowerCase?: boolean;
  /** Of what makes it unique alone. */
  readonly hasUpperCaseEnd?: boolean;
  readonly suffix?: string;
}

/** Longest wait for a resource to become ready. */
export const WAIT_MAX_MS = 15 * 60_000;

/** Where a stack is about to be, and what is there. */
export interface DeploymentPlace {
  readonly account: string;
  readonly region: string;
  exists(arn: string): boolean;
}

/** What a created resource is known by: `Ref` gives `physicalId`, `Fn::GetAtt` gives `attributes`. */
export interface ResourceState {
  readonly physicalId: string;
  readonly attributes: Readonly<Record<string, Json>>;
}

/** A resource that exists and the properties it was last given. */
export interface ExistingResource<Properties> extends ResourceState {
  readonly properties: Properties;
}

/**
 * One CloudFormation resource type over the actions of its service.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-template-resource-type-ref.html
 */
export interface ResourceType<Properties = never> {
  /** E.g. `AWS::SQS::Queue`. */
  readonly type: string;
  /** Every property that is modelled; any other is refused by name before anything is created. */
  readonly properties: MemberShapes;
  /** Values that {@link properties} allows and that are refused all the same; looks at unresolved properties. */
  refuses?(properties: JsonObject): readonly string[];
  /** The same, where it depends on what there is already; asked before anything is created. */
  refusesIn?(properties: JsonObject, place: DeploymentPlace): readonly string[];
  readonly required?: readonly (keyof Properties & string)[];
  /** Properties whose change makes a new resource. Without {@link update}, every change does. */
  readonly createOnly?: readonly (keyof Properties & string)[];
  /** The property that names the resource; named resources cannot be replaced while the name stays. */
  readonly nameProperty?: keyof Properties & string;
  /** What `Fn::GetAtt` accepts. */
  readonly attributes: readonly string[];
  /** How further attributes begin whose names are the user's own. */
  readonly attributePrefix?: string;
  /** Whether an update may answer another physical id, and what had the old one is then to be deleted. */
  readonly mayReplaceItself?: true;
  /** Whether it gets the tags by which a stack marks what is its own, in AWS's words `cloudFormationSystemTags`. */
  readonly hasSystemTags?: true;
  /** Whether creating it needs `CAPABILITY_IAM`. */
  readonly isIam?: boolean;
  create(properties: Properties, context: ResourceContext): Promise<ResourceState>;
  update?(
    existing: ExistingResource<Properties>,
    properties: Properties,
    context: ResourceContext,
  ): Promise<ResourceState>;
  /** Must succeed when the resource is already gone. */
  delete(existing: ExistingResource<Properties>, context: ResourceContext): Promise<void>;
}

/** A type with its properties forgotten: what the registry holds. */
// biome-ignore lint/suspicious/noExplicitAny: each type knows its own properties; the registry cannot.
export type AnyResourceType = ResourceType<any>;

/** A failure that the event of the resource shows in these very words. */
export class ResourceFailure extends Error {
  override readonly name = 'ResourceFailure';
}
