// biome-ignore lint/style/noRestrictedImports: for tests; real checksums.
import { liveDigest } from '@holdfast/kernel/live';
import { DEFAULT_ENGINE_SETTINGS, noHttp, type ServiceEnvironment, standInSigner } from './core/index.ts';

type Needed = 'clock' | 'timers' | 'store' | 'random' | 'ids' | 'deliver';

const unused = (): never => {
  throw new Error('not part of this bench');
};

/** For tests: what a service alone may reach. Of its neighbours those that are not given are empty, or fail when they are asked. */
export const environmentOf = (
  given: Pick<ServiceEnvironment, Needed> & Partial<ServiceEnvironment>,
): ServiceEnvironment => ({
  api: { call: unused, knows: unused, exceptionOf: unused, outputProblem: unused },
  briefly: unused,
  call: unused,
  cryptography: { seal: unused, open: unused, verifies: unused },
  digest: liveDigest,
  http: noHttp,
  keys: { refusalOf: () => undefined, arnOf: ({ keyId }) => keyId, onChange: () => {} },
  logs: { append: unused, accepts: unused, hasGroup: unused },
  mail: { mails: unused },
  metrics: { record: unused },
  objects: { read: unused },
  principals: { keyOwner: () => undefined, role: () => undefined, user: () => undefined },
  queues: { facts: unused, receive: unused, delete: unused, failed: unused, onAvailable: unused },
  resourceTypes: [],
  runtime: { invoke: unused, retire: unused },
  sessions: { sessionOf: () => undefined },
  settings: DEFAULT_ENGINE_SETTINGS,
  signer: standInSigner(liveDigest),
  streams: { facts: unused, shards: unused, positionOf: unused, read: unused, onAvailable: unused },
  tableStreams: { open: unused, append: unused, close: unused },
  traces: { record: () => {}, samples: () => false },
  ...given,
});
