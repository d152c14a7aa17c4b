import { InvalidInputError, parseDurationMs } from '@holdfast/kernel';
import type { Faults, FaultState, FunctionFault } from './faults/index.ts';
import type { ControlRequest, ControlResponse } from './gateway/options.ts';
import type { ClockMode } from './runtime/index.ts';
import type { WaitingState } from './standing-clock/index.ts';

/** What `GET /_holdfast/clock` answers. */
export interface ClockState {
  /** Whether time passes by itself. */
  readonly mode: ClockMode;
  /** ISO 8601, milliseconds, UTC. */
  readonly now: string;
  /** When the engine next has something to do. */
  readonly nextWakeAt?: string;
}

/** The engine as its control endpoint sees it. */
export interface Controllable {
  readonly version: string;
  readonly serviceIds: readonly string[];
  /** What processes of functions see of files: as on AWS (`own`) or the machine's; unknown until there was one. */
  readonly processFileView: 'own' | 'machine' | undefined;
  /** Answers below `/_holdfast/console/`; who starts the engine may bring it. */
  readonly pages: ((request: ControlRequest) => Promise<ControlResponse>) | undefined;
  readonly faults: Faults;
  /** Resolves once there is somebody to ask, while one state of the world makes way for the next. */
  readonly changing: Promise<void> | undefined;
  clock(): ClockState;
  /** Who waits for an answer. */
  waiting(): readonly WaitingState[];
  setMode(mode: ClockMode): Promise<void>;
  /** Whether time could be moved so far in that mode, the present one unless given. @throws InvalidInputError */
  checkAdvance(ms: number, mode: ClockMode | undefined): void;
  /** @throws InvalidInputError in live mode */
  advance(ms: number): Promise<void>;
  reset(): Promise<void>;
}

/** The clock, and who waits for it. */
const clockOf = (engine: Controllable): ClockState & { readonly waiting?: readonly WaitingState[] } => {
  const waiting = engine.waiting();
  return { ...engine.clock(), ...(waiting.length === 0 ? {} : { waiting }) };
};

const json = (status: number, body: unknown): ControlResponse => ({
  status,
  contentType: 'application/json',
  body: `${JSON.stringify(body)}\n`,
});

const readObject = (body: Uint8Array): Record<string, unknown> => {
  if (body.byteLength === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    throw new InvalidInputError('body', '…', 'must be JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidInputError('body', value, 'must be a JSON object');
  }
  return value as Record<string, unknown>;
};

const steer = async (engine: Controllable, body: Uint8Array): Promise<ClockState> => {
  const { mode, advance, ...unknown } = readObject(body);
  const stray = Object.keys(unknown)[0];
  if (stray !== undefined) throw new InvalidInputError(stray, unknown[stray], 'is not known here; use mode, advance');
  if (mode !== undefined && mode !== 'live' && mode !== 'virtual') {
    throw new InvalidInputError('mode', mode, 'must be live or virtual');
  }
  if (advance !== undefined && typeof advance !== 'string') {
    throw new InvalidInputError('advance', advance, 'must be an ISO 8601 duration such as PT5M');
  }
  const advanceMs = advance === undefined ? undefined : parseDurationMs(advance, 'advance');
  if (advanceMs !== undefined) engine.checkAdvance(advanceMs, mode);
  if (mode !== undefined) await engine.setMode(mode);
  if (advanceMs !== undefined) await engine.advance(advanceMs);
  return clockOf(engine);
};

/** Ends one fault, or all. */
const endFaults = (engine: Controllable, id?: string): ControlResponse => {
  const ended = engine.faults.end(id);
  if (id === undefined || ended > 0) return json(200, { ended });
  return json(404, { error: 'NO_SUCH_FAULT', message: `there is no fault ${id}` });
};

const addFault = (engine: Controllable, body: Uint8Array): FaultState => {
  // What the body holds is checked there, as it is for callers in this process.
  const { id } = engine.faults.add(readObject(body) as unknown as FunctionFault);
  return engine.faults.states().find((state) => state.id === id) as FaultState;
};

/** What a person sees who opens the port in a browser. */
const frontPage = ({ version, serviceIds, pages }: Controllable): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Holdfast</title>
<link rel="icon" href="data:,">
</head>
<body>
<main>
<h1>Holdfast ${version}</h1>
<p>This port is a local AWS: any AWS client works against it with this address as <code>AWS_ENDPOINT_URL</code>.</p>
<ul>
${pages === undefined ? '' : '<li><a href="/_holdfast/console/">Console: failures, and how to bring them back</a></li>\n'}<li><a href="/_holdfast/dashboards">Dashboards of CloudWatch</a></li>
<li><a href="/_holdfast/health">Health</a></li>
<li><a href="/_holdfast/clock">The engine's time</a></li>
</ul>
<p>Played: ${serviceIds.join(', ')}. In a terminal, <code>holdfast --help</code> lists what can be looked at.</p>
</main>
</body>
</html>
`;

/** Answers `/_holdfast/...`. */
export const controlEndpoint =
  (engine: Controllable) =>
  async (request: ControlRequest): Promise<ControlResponse | undefined> => {
    try {
      if (engine.pages !== undefined && request.path.startsWith('/_holdfast/console/')) return engine.pages(request);
      const faultId = /^\/_holdfast\/faults\/([^/]+)$/.exec(request.path)?.[1];
      if (faultId !== undefined && request.method === 'DELETE') return endFaults(engine, faultId);
      switch (`${request.method} ${request.path}`) {
        case 'GET /_holdfast/':
          return { status: 200, contentType: 'text/html; charset=utf-8', body: frontPage(engine) };
        case 'GET /_holdfast/console':
          return { ...json(302, {}), headers: ['Location', '/_holdfast/console/'] };
        case 'GET /_holdfast/health':
          return json(200, {
            status: 'ok',
            version: engine.version,
            services: engine.serviceIds,
            processFileView: engine.processFileView,
          });
        case 'GET /_holdfast/clock':
          return json(200, clockOf(engine));
        case 'POST /_holdfast/clock':
          return json(200, await steer(engine, request.body));
        case 'GET /_holdfast/faults':
          return json(200, { faults: engine.faults.states() });
        case 'POST /_holdfast/faults':
          await engine.changing;
          return json(200, addFault(engine, request.body));
        case 'DELETE /_holdfast/faults':
          return endFaults(engine);
        case 'POST /_holdfast/reset':
          await engine.reset();
          return json(200, { status: 'ok' });
        default:
          return undefined;
      }
    } catch (error) {
      if (error instanceof InvalidInputError)
        return json(400, { error: error.code, field: error.field, message: error.message });
      throw error;
    }
  };
