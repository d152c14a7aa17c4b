import { fileURLToPath } from 'node:url';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { PipelineFunction, type PipelineFunctionProps } from './pipeline-function.ts';

/** For tests: a handler that is small enough to bundle in no time. */
export const ECHO_HANDLER = fileURLToPath(new URL('./fixtures/echo-handler.ts', import.meta.url));

/** For tests: an empty stack. */
export const fixtureStack = (): Stack =>
  new Stack(new App({ analyticsReporting: false, stackTraces: false }), 'Fixture');

/** For tests: a function called `worker`. */
export const fixtureFunction = (stack: Stack, props: Partial<PipelineFunctionProps> = {}): PipelineFunction =>
  new PipelineFunction(stack, 'Worker', {
    functionName: 'worker',
    entry: ECHO_HANDLER,
    description: 'Works',
    ...props,
  });

/** For tests: the synthesised template. */
export const templateOf = (stack: Stack): Template => Template.fromStack(stack);
