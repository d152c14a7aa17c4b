import type { FailedInitialisation, ServiceEnvironment } from '../../../core/index.ts';
import type { FunctionRecord, VersionRecord } from '../functions/function-record.ts';
import type { FunctionRegistry } from '../functions/function-registry.ts';
import { qualifiedArn } from '../names.ts';
import type { ConcurrencyLedger } from './concurrency.ts';
import type { FunctionSpecs } from './function-specs.ts';
import { jsonLogLines } from './json-log-lines.ts';
import { textLogLines } from './log-lines.ts';

/** How long a configuration stays `IN_PROGRESS` before anything is initialised. AWS needs a minute or two. */
export const PROVISIONING_MS = 200;

/** How a configuration stands, in the API's words. */
export interface ProvisionedStanding {
  readonly status: 'IN_PROGRESS' | 'READY' | 'FAILED';
  readonly allocated: number;
  readonly statusReason?: string;
}

interface VersionState {
  count: number;
  state: 'pending' | 'ready' | 'failed';
}

/** How many environments each version gets of what an alias or a version has; an alias with two divides by weight. */
const splitOf = (record: FunctionRecord, qualifier: string, requested: number): readonly [string, number][] => {
  const alias = Object.hasOwn(record.aliases, qualifier) ? record.aliases[qualifier] : undefined;
  if (alias === undefined) return [[qualifier, requested]];
  if (alias.additional === undefined) return [[alias.version, requested]];
  const others = Math.round(requested * alias.additional.weight);
  return [
    [alias.version, requested - others],
    [alias.additional.version, others],
  ];
};

/**
 * Brings the environments that are initialised ahead in line with what functions ask for: by version, because a
 * version and an alias of it share them. What the runtime has initialised becomes places in the ledger.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html
 */
export class ProvisionedEnvironments {
  readonly #environment: ServiceEnvironment;
  readonly #registry: FunctionRegistry;
  readonly #ledger: ConcurrencyLedger;
  readonly #specs: FunctionSpecs;
  /** By function ARN and version. */
  readonly #versions = new Map<string, Map<string, VersionState>>();
  /** Configurations that were ready once: while an alias moves on, AWS keeps calling them ready. */
  readonly #settled = new Set<string>();

  constructor(
    environment: ServiceEnvironment,
    registry: FunctionRegistry,
    ledger: ConcurrencyLedger,
    specs: FunctionSpecs,
  ) {
    this.#environment = environment;
    this.#registry = registry;
    this.#ledger = ledger;
    this.#specs = specs;
  }

  /** To be called with the configuration of `qualifier` changed, before {@link apply}. */
  renew(record: FunctionRecord, qualifier: string): void {
    this.#settled.delete(`${record.arn}:${qualifier}`);
    for (const [version] of splitOf(record, qualifier, 0)) {
      const state = this.#versions.get(record.arn)?.get(version);
      // A failure is tried again, also with the same number.
      if (state?.state === 'failed') state.count = 0;
    }
  }

  /** Takes the configuration of an alias or version away, if there is one. */
  drop(record: FunctionRecord, qualifier: string): void {
    if (record.provisioned?.[qualifier] === undefined) return;
    this.#ledger.claim(record, () => {
      const { [qualifier]: _, ...others } = record.provisioned ?? {};
      record.provisioned = others;
    });
    this.#settled.delete(`${record.arn}:${qualifier}`);
    this.apply(record);
  }

  /** Initialises what is missing and lets go what is too much. */
  apply(record: FunctionRecord): void {
    const wanted = new Map<string, number>();
    for (const [qualifier, { requested }] of Object.entries(record.provisioned ?? {})) {
      for (const [version, count] of splitOf(record, qualifier, requested)) {
        wanted.set(version, (wanted.get(version) ?? 0) + count);
      }
    }
    const versions = this.#versions.get(record.arn) ?? new Map<string, VersionState>();
    if (wanted.size === 0 && versions.size === 0) return;
    this.#versions.set(record.arn, versions);
    for (const version of versions.keys()) if (!wanted.has(version)) wanted.set(version, 0);
    for (const [version, count] of wanted) this.#adjust(record, versions, version, count);
    if (versions.size === 0) this.#versions.delete(record.arn);
  }

  standing(record: FunctionRecord, qualifier: string, requested: number): ProvisionedStanding {
    const states = splitOf(record, qualifier, requested)
      .filter(([, count]) => count > 0)
      .map(([version]) => this.#versions.get(record.arn)?.get(version)?.state ?? 'pending');
    if (states.includes('failed')) {
      return { status: 'FAILED', allocated: 0, statusReason: 'FUNCTION_ERROR_INIT_FAILURE' };
    }
    const isReady = !states.includes('pending') || this.#settled.has(`${record.arn}:${qualifier}`);
    return isReady ? { status: 'READY', allocated: requested } : { status: 'IN_PROGRESS', allocated: 0 };
  }

  #adjust(record: FunctionRecord, versions: Map<string, VersionState>, version: string, count: number): void {
    const before = versions.get(version);
    if ((before?.count ?? 0) === count) return;
    const target = this.#registry.versionOf(record, version);
    const hold = (allocated: number): void => this.#ledger.allocate(record, version, allocated);
    if (count === 0 || target === undefined) {
      versions.delete(version);
      hold(0);
      if (target !== undefined) {
        this.#environment.runtime.provision?.(this.#specs.of(record, target, true), 0, () => {});
      }
      return;
    }
    const state: VersionState = { count, state: 'pending' };
    versions.set(version, state);
    // What there is already goes on serving.
    if (before?.state === 'ready') hold(Math.min(before.count, count));
    const settle = (isReady: boolean, failure?: FailedInitialisation): void => {
      if (failure !== undefined) this.#logFailure(record, target, failure);
      if (versions.get(version) !== state) return;
      state.state = isReady ? 'ready' : 'failed';
      hold(isReady ? count : 0);
      for (const [qualifier, { requested }] of Object.entries(record.provisioned ?? {})) {
        if (this.standing(record, qualifier, requested).status === 'READY')
          this.#settled.add(`${record.arn}:${qualifier}`);
      }
    };
    const { timers, clock, runtime } = this.#environment;
    timers.schedule(clock.now() + PROVISIONING_MS, () => {
      if (versions.get(version) !== state) return;
      if (runtime.provision === undefined) settle(true);
      else runtime.provision(this.#specs.of(record, target, true), count, settle);
    });
  }

  /** The log of an environment that failed; one that succeeds begins its log with its first invocation. */
  #logFailure(record: FunctionRecord, version: VersionRecord, failure: FailedInitialisation): void {
    const { clock, logs } = this.#environment;
    const spec = this.#specs.of(record, version, true);
    const run = { requestId: '', spec, invokedFunctionArn: qualifiedArn(record.arn, version.version) };
    const lines = version.jsonLogging === undefined ? textLogLines(run) : jsonLogLines(run, version.jsonLogging);
    const at = clock.now();
    const written = failure.lines.flatMap((line) => lines.application(line.endsWith('\n') ? line : `${line}\n`));
    logs.append(
      { account: record.account, region: record.region, group: version.logGroup, stream: failure.logStream },
      [...lines.initStart(at), ...written, ...lines.initFailed(at, failure)].map((message) => ({ at, message })),
    );
  }
}
