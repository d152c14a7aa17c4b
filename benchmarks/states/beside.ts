import { call, callTo, type Question } from '../src/beside.ts';
import { requestBytes } from '../src/http-load.ts';

const PASSES = 10;

/** Ten states that pass on, one after the other. */
const line = {
  StartAt: 'S0',
  States: Object.fromEntries(
    Array.from({ length: PASSES }, (_, n) => [
      `S${n}`,
      { Type: 'Pass', ...(n === PASSES - 1 ? { End: true } : { Next: `S${n + 1}` }) },
    ]),
  ),
};

const question = (type: 'STANDARD' | 'EXPRESS', action: string): Question => ({
  name: `${type.toLowerCase()} executions of ten states ${action === 'StartExecution' ? 'started' : 'run'} per second`,
  weight: 1,
  prepare: async (server) => {
    const { stateMachineArn } = await call<{ stateMachineArn: string }>(
      server,
      'states',
      'AWSStepFunctions.CreateStateMachine',
      {
        name: 'line',
        definition: JSON.stringify(line),
        roleArn: 'arn:aws:iam::000000000000:role/bench',
        type,
      },
    );
    const body = JSON.stringify({ stateMachineArn, input: '{}' });
    return requestBytes(server.port, '/', callTo('states', `AWSStepFunctions.${action}`), body);
  },
});

/** Whole executions over HTTP: waited for, and started only. */
export const besideQuestions: readonly Question[] = [
  question('EXPRESS', 'StartSyncExecution'),
  question('STANDARD', 'StartExecution'),
];
