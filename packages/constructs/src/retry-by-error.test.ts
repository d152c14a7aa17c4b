import { Duration, type Stack } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { expect, it } from 'vitest';
import { fixtureFunction, fixtureStack, templateOf } from './fixture-stack.ts';
import { RetryByError, type RetryByErrorProps } from './retry-by-error.ts';

const machine = (stack: Stack, props: Partial<RetryByErrorProps> = {}): RetryByError =>
  new RetryByError(stack, 'Booking', {
    stateMachineName: 'booking',
    function: fixtureFunction(stack).function,
    ...props,
  });

const definitionOf = (stack: Stack) => {
  const [found] = Object.values(templateOf(stack).findResources('AWS::StepFunctions::StateMachine'));
  const text = JSON.stringify(found?.['Properties'].DefinitionString['Fn::Join'][1].map(String).join(''));
  return JSON.parse(JSON.parse(text).replaceAll('[object Object]', 'token'));
};

it('retries what may pass with backoff and jitter, and keeps what it gives up: any input, with its error', () => {
  const stack = fixtureStack();
  machine(stack);
  const { Process, Keep } = definitionOf(stack).States;
  expect(Process.Retry).toEqual([
    {
      ErrorEquals: ['TransientError', 'Lambda.TooManyRequestsException', 'Lambda.ServiceException'],
      IntervalSeconds: 2,
      MaxAttempts: 3,
      BackoffRate: 2,
      MaxDelaySeconds: 30,
      JitterStrategy: 'FULL',
    },
  ]);
  // A ResultPath has room in an object only.
  expect(Process.Catch).toEqual([{ ErrorEquals: ['States.ALL'], Next: 'Keep' }]);
  expect(Keep.Parameters.MessageBody).toEqual({ 'input.$': '$$.Execution.Input', 'error.$': '$' });
  expect(Keep.Retry[0]).toMatchObject({ ErrorEquals: ['States.ALL'], MaxAttempts: 40 });
  templateOf(stack).hasResourceProperties('AWS::SQS::Queue', { QueueName: 'booking-dlq' });
});

it('takes errors and queue of a user', () => {
  const stack = fixtureStack();
  const own = new sqs.Queue(stack, 'Own');
  const retries = [
    { errors: ['StoreIsBusy'], maxAttempts: 5, interval: Duration.seconds(1), backoffRate: 1, jitter: false },
    { errors: ['States.ALL'] },
  ];
  expect(machine(stack, { retries, deadLetterQueue: own }).deadLetterQueue).toBe(own);
  expect(definitionOf(stack).States.Process.Retry).toMatchObject([
    { ErrorEquals: ['StoreIsBusy'], MaxAttempts: 5, IntervalSeconds: 1, BackoffRate: 1, JitterStrategy: 'NONE' },
    { ErrorEquals: ['States.ALL'], MaxAttempts: 3 },
  ]);
  templateOf(stack).resourcePropertiesCountIs('AWS::SQS::Queue', { QueueName: Match.anyValue() }, 0);
});

it.each([
  [[{ errors: [] }], /^retries\[0\].errors: \[\] must name an error$/],
  [
    [{ errors: ['States.ALL'] }, { errors: ['X'] }],
    /^retries\[0\].errors: States.ALL must have States.ALL alone, in the last/,
  ],
  [[{ errors: ['X', 'States.ALL'] }], /^retries\[0\].errors: X, States.ALL must have States.ALL alone/],
  [[{ errors: ['X'], backoffRate: 0.5 }], /^retries\[0\].backoffRate: 0.5 must be 1 or more$/],
  [[{ errors: ['X'], maxAttempts: 1.5 }], /^retries\[0\].maxAttempts: 1.5 must be a whole number/],
  [[{ errors: ['X'], interval: Duration.millis(500) }], /^retries\[0\].interval: 0.5 must be a whole number from 1/],
  [[{ errors: ['X'], interval: Duration.minutes(1) }], /^retries\[0\].maxDelay: 30 s must be from 60 s/],
] as const)('refuses %o', (retries, message) => {
  expect(() => machine(fixtureStack(), { retries })).toThrow(message);
});

it('refuses a FIFO queue for what is given up', () => {
  const stack = fixtureStack();
  const deadLetterQueue = new sqs.Queue(stack, 'Own', { queueName: 'own.fifo', fifo: true });
  expect(() => machine(stack, { deadLetterQueue })).toThrow(/must be a standard queue/);
});
