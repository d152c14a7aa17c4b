import type { Operation } from './operation.ts';

/** Streams of bodies are bytes, or text, in the engine. */
export type WithBody<Shape> = Omit<Shape, 'Body'> & { Body?: Uint8Array | string | undefined };

type InEngine<Shape> = 'Body' extends keyof Shape ? WithBody<Shape> : Shape;

/** The action of a command class; its instances know input and output. */
type OperationOf<Class> = Class extends new (
  ...rest: never[]
) => {
  readonly input: infer Input extends object;
  resolveMiddleware(...rest: never[]): (...rest: never[]) => Promise<{ readonly output: infer Output }>;
}
  ? Operation<InEngine<Input>, InEngine<Output>>
  : never;

/**
 * Actions of a service by the module type of its SDK package, `Operations<typeof Sdk>`: names, members, inputs and outputs
 * are the package's, and the compiler holds them.
 */
export type Operations<Sdk> = {
  readonly [Name in keyof Sdk as Name extends `${infer Action}Command` ? Action : never]?: OperationOf<Sdk[Name]>;
};
