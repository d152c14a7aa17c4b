/** What samples of resources are written with; `turn` 1 and 2 differ in every property that can change in place. */
export interface SampleTools {
  readonly turn: 1 | 2;
  /** A text and a number of this turn. */
  readonly text: string;
  readonly number: number;
  /** One tag is changed in the second turn, one removed. */
  readonly Tags: readonly { readonly Key: string; readonly Value: string }[];
  /** A member that is there on one turn only. */
  only<Value>(onTurn: 1 | 2, name: string, value: Value): Readonly<Record<string, Value>>;
  /** `Fn::GetAtt`; resources of other services may be named: all samples are one template. @defaultValue Arn */
  att(logicalId: string, attribute?: string): unknown;
  ref(logicalId: string): unknown;
  /** A policy document of one statement. @defaultValue resource `*`, and no principal */
  document(action: string, resource?: unknown, principal?: string): unknown;
}

interface SampleResource {
  readonly Type: string;
  readonly Properties?: object;
  readonly DependsOn?: string | readonly string[];
}

/**
 * For tests: one resource of each of a service's types, by logical id. They stand in `resources/samples-bench.ts` of the
 * service, and are created, changed and deleted together with those of all others.
 */
export type ResourceSamples = (tools: SampleTools) => Readonly<Record<string, SampleResource>>;
