import { describe, expect, it } from 'vitest';
import { recordingLog } from '../testing/fake-aws.ts';
import { failureModeFrom } from './failure-mode.ts';

const rig = () => {
  const parameter: { value: string | Error; reads: number } = { value: 'none', reads: 0 };
  const time = { now: 0 };
  const log = recordingLog();
  const read = async () => {
    parameter.reads++;
    if (parameter.value instanceof Error) throw parameter.value;
    return parameter.value;
  };
  return { parameter, time, log, mode: failureModeFrom({ read, now: () => time.now, log, retryMs: 5_000 }) };
};

describe('the failure mode', () => {
  it('is what the parameter says', async () => {
    const { parameter, mode } = rig();
    parameter.value = ' random_fail_p30\n';
    expect(await mode()).toBe('random_fail_p30');
  });

  it('is none for a slip, and the log says so once', async () => {
    const { parameter, mode, log } = rig();
    parameter.value = 'poison_payloads';
    expect([await mode(), await mode()]).toEqual(['none', 'none']);
    expect(log.lines).toMatchObject([
      { message: 'no failure mode, so nothing is broken', details: { given: 'poison_payloads' } },
    ]);
  });

  it('goes on as it was while it cannot be read, and is not asked for with every event', async () => {
    const { parameter, time, mode } = rig();
    parameter.value = 'slow_downstream';
    await mode();
    parameter.value = new Error('ThrottlingException: Rate exceeded');
    for (let event = 0; event < 100; event++) expect(await mode()).toBe('slow_downstream');
    expect(parameter.reads).toBe(2);
    parameter.value = 'none';
    time.now = 5_000;
    expect(await mode()).toBe('none');
  });
});
