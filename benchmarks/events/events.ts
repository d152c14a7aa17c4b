import { LocalEngine } from '@holdfast/local';
import { call, callTo, type Question } from '../src/beside.ts';
import { requestBytes } from '../src/http-load.ts';
import { short } from '../src/numbers.ts';

export const RULE_COUNTS = [1, 100, 1_000] as const;

/** What the rules of a bus tell events apart by; each event is for one of them. */
const SHAPES = {
  'a source each': (n: number) => ({ source: [`shop.${n}`] }),
  'one source, a value in the detail each': (n: number) => ({ source: ['shop'], detail: { vendor: [`v${n}`] } }),
  'a prefix each, which no index knows': (n: number) => ({ detail: { vendor: [{ prefix: `v${n}-` }] } }),
} as const;

type Shape = keyof typeof SHAPES;

const entryFor = (shape: Shape, n: number) => ({
  Source: shape === 'a source each' ? `shop.${n}` : 'shop',
  DetailType: 'file uploaded',
  Detail: JSON.stringify({ vendor: shape.startsWith('a prefix') ? `v${n}-x` : `v${n}`, size: 1_024, rows: 20_000 }),
});

const ENTRIES = 10;

const requestFor = (shape: Shape, rules: number, from: number) => ({
  Entries: Array.from({ length: ENTRIES }, (_, index) => entryFor(shape, (from + index * 7) % rules)),
});

export interface EventsResult {
  readonly rows: readonly { readonly shape: string; readonly perSecond: readonly number[] }[];
}

/** Events per second that a bus takes, without a socket and without targets, by the number of its rules. */
export const measureEvents = async (events: number): Promise<EventsResult> => {
  const rows = [];
  for (const shape of Object.keys(SHAPES) as Shape[]) {
    const perSecond: number[] = [];
    for (const rules of RULE_COUNTS) perSecond.push(await speedOf(shape, rules, events));
    rows.push({ shape, perSecond });
  }
  return { rows };
};

const speedOf = async (shape: Shape, rules: number, events: number): Promise<number> => {
  const engine = await LocalEngine.start({ port: 0, rulesPerBus: rules });
  try {
    const act = (action: string, input: object): unknown =>
      engine.engine.call('events', action, input, engine.context());
    for (let n = 0; n < rules; n++) {
      act('PutRule', { Name: `rule-${n}`, EventPattern: JSON.stringify(SHAPES[shape](n)) });
    }
    const run = (count: number): void => {
      for (let sent = 0; sent < count; sent += ENTRIES) act('PutEvents', requestFor(shape, rules, sent));
    };
    run(Math.min(events, 2_000));
    const before = performance.now();
    run(events);
    return events / ((performance.now() - before) / 1_000);
  } finally {
    await engine.close();
  }
};

export const eventsText = ({ rows }: EventsResult): string =>
  [
    `| Rules tell events apart by | ${RULE_COUNTS.map((count) => `${count.toLocaleString('en')} rule${count === 1 ? '' : 's'}`).join(' | ')} |`,
    `|---|${RULE_COUNTS.map(() => '---:').join('|')}|`,
    ...rows.map(({ shape, perSecond }) => `| ${shape} | ${perSecond.map(short).join(' | ')} |`),
  ].join('\n');

/** Ten events a request over HTTP, each for one rule, whose target is a queue. */
export const besideQuestions: readonly Question[] = RULE_COUNTS.map((rules) => ({
  name: `events per second into a queue, ${rules.toLocaleString('en')} rule${rules === 1 ? '' : 's'}`,
  weight: ENTRIES,
  prepare: async (server) => {
    const shape: Shape = 'one source, a value in the detail each';
    await call(server, 'sqs', 'AmazonSQS.CreateQueue', { QueueName: 'events' });
    for (let n = 0; n < rules; n++) {
      const Name = `rule-${n}`;
      const EventPattern = JSON.stringify(SHAPES[shape](n));
      await call(server, 'events', 'AWSEvents.PutRule', { Name, EventPattern });
      const Targets = [{ Id: 'queue', Arn: 'arn:aws:sqs:us-east-1:000000000000:events' }];
      await call(server, 'events', 'AWSEvents.PutTargets', { Rule: Name, Targets });
    }
    const body = JSON.stringify(requestFor(shape, rules, 0));
    return requestBytes(server.port, '/', callTo('events', 'AWSEvents.PutEvents'), body);
  },
}));
