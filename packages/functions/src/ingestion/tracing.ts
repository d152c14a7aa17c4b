import type { Tracer } from '@aws-lambda-powertools/tracer';

/** What functions tell of an invocation beside their logs. */
export interface Tracing {
  /** A part of the invocation by itself; what it throws is its fault. */
  part<Result>(name: string, work: () => Promise<Result>): Promise<Result>;
  /** Makes the part that is under way findable by these. */
  note(about: Readonly<Record<string, string>>): void;
}

/** Nobody listens. */
export const noTracing: Tracing = { part: (_, work) => work(), note() {} };

/** Powertools' tracer: parts are subsegments, notes are annotations. */
export const tracingBy = (tracer: Tracer): Tracing => ({
  part: (name, work) =>
    tracer.provider.captureAsyncFunc(name, async (subsegment) => {
      try {
        return await work();
      } catch (error) {
        tracer.addErrorAsMetadata(error as Error);
        throw error;
      } finally {
        subsegment?.close();
      }
    }) as ReturnType<typeof work>,
  note: (about) => {
    for (const [name, value] of Object.entries(about)) tracer.putAnnotation(name, value);
  },
});
