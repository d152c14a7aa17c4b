import { onDemand, utf8Length } from '@holdfast/kernel';
import {
  type DeliveryResult,
  type DeliveryTarget,
  type HttpRoute,
  type OperationTable,
  policyAllows,
  type Sender,
  type Service,
  type ServiceEnvironment,
  ServiceError,
} from '../../core/index.ts';
import { eventInvokeConfigOperations } from './async-events/event-invoke-config.ts';
import { EventQueue } from './async-events/event-queue.ts';
import { functionNotFound, requestTooLarge } from './errors.ts';
import { aliasOperations } from './functions/aliases.ts';
import { sweepCode } from './functions/code.ts';
import { archiveRoute } from './functions/code-location.ts';
import { codeSigningOperations } from './functions/code-signing.ts';
import { FunctionRegistry, type ResolvedFunction } from './functions/function-registry.ts';
import { functionOperations } from './functions/functions.ts';
import { LayerRegistry } from './functions/layer-registry.ts';
import { layerOperations } from './functions/layers.ts';
import { permissionOperations, policyDocument } from './functions/permissions.ts';
import { provisionedConcurrencyOperations } from './functions/provisioned-concurrency.ts';
import { reservedConcurrencyOperations } from './functions/reserved-concurrency.ts';
import { tagOperations } from './functions/tags.ts';
import { versionOperations } from './functions/versions.ts';
import { ConcurrencyLedger } from './invocations/concurrency.ts';
import { Executor } from './invocations/executor.ts';
import { FunctionSpecs } from './invocations/function-specs.ts';
import { invokeOperations } from './invocations/invoke.ts';
import { ASYNC_PAYLOAD_MAX_BYTES } from './invocations/invoke-payload.ts';
import { ProvisionedEnvironments } from './invocations/provisioned-environments.ts';
import { eventSourceMappingOperations } from './mappings/event-source-mappings.ts';
import { MappingRegistry } from './mappings/mapping-registry.ts';
import { qualifiedArn } from './names.ts';
import type { LambdaParts } from './parts.ts';
import { urlConfigOperations } from './urls/url-configs.ts';
import { UrlRegistry } from './urls/url-registry.ts';
import { urlRoute } from './urls/url-route.ts';
import { UrlServer } from './urls/url-server.ts';

const INVOKE = 'lambda:InvokeFunction';

const isAllowed = (target: ResolvedFunction, sender: Sender): boolean =>
  policyAllows(
    policyDocument(target.record, target.qualifier),
    sender,
    INVOKE,
    qualifiedArn(target.record.arn, target.qualifier),
  );

/**
 * Lambda: functions, their invocation, and the queue behind asynchronous invocation.
 *
 * Running code is the runtime's business; what happens before and after a run is decided here.
 */
export class LambdaService implements Service, DeliveryTarget<string> {
  readonly #operations: () => OperationTable;
  readonly targets = { function: this };
  readonly routes: readonly HttpRoute[];
  readonly #environment: ServiceEnvironment;
  readonly #registry: FunctionRegistry;
  readonly #layers: LayerRegistry;
  readonly #provisioned: ProvisionedEnvironments;
  readonly #events: EventQueue;
  readonly #mappings: MappingRegistry;

  constructor(environment: ServiceEnvironment) {
    this.#environment = environment;
    this.#registry = new FunctionRegistry(environment.store);
    this.#layers = new LayerRegistry(environment.store);
    const ledger = new ConcurrencyLedger(environment.settings.accountConcurrency);
    for (const record of this.#registry.all()) ledger.restore(record);
    const specs = new FunctionSpecs();
    this.#provisioned = new ProvisionedEnvironments(environment, this.#registry, ledger, specs);
    const executor = new Executor(environment, ledger, specs);
    const urls = new UrlRegistry(this.#registry);
    this.routes = [urlRoute(new UrlServer(environment, this.#registry, executor, urls)), archiveRoute(environment)];
    this.#events = new EventQueue(environment, this.#registry, executor);
    this.#mappings = new MappingRegistry(environment, this.#registry, executor);
    const parts: LambdaParts = {
      environment,
      registry: this.#registry,
      layers: this.#layers,
      ledger,
      provisioned: this.#provisioned,
      executor,
      events: this.#events,
    };
    this.#operations = onDemand(() => ({
      ...functionOperations(parts),
      ...versionOperations(parts),
      ...layerOperations(parts),
      ...invokeOperations(parts),
      ...eventInvokeConfigOperations(parts),
      ...reservedConcurrencyOperations(parts),
      ...codeSigningOperations(parts),
      ...provisionedConcurrencyOperations(parts),
      ...permissionOperations(parts),
      ...urlConfigOperations(parts, urls),
      ...aliasOperations(parts),
      ...eventSourceMappingOperations(parts, this.#mappings),
      ...tagOperations(parts, this.#mappings),
    }));
  }

  get operations(): OperationTable {
    return this.#operations();
  }

  start(): void {
    const used = new Set<string>();
    for (const { latest, versions } of this.#registry.all()) {
      for (const { code, layers = [] } of [latest, ...versions]) {
        if (code.kind === 'zip') used.add(code.blobId);
        for (const { blobId } of layers) used.add(blobId);
      }
    }
    for (const { versions } of this.#layers.all()) for (const { content } of versions) used.add(content.blobId);
    sweepCode(this.#environment, used);
    for (const record of this.#registry.all()) this.#provisioned.apply(record);
    this.#events.start();
    this.#mappings.start();
  }

  /** Asynchronous events accepted and not yet ended, over all functions. */
  get pendingEventCount(): number {
    return this.#events.size;
  }

  /** An asynchronous invocation by another service; `ok` is AWS's 202. */
  deliver(targetArn: string, payload: string, sender: Sender): DeliveryResult {
    const target = this.#registry.resolveArn(targetArn);
    if (target === undefined) return { ok: false, error: functionNotFound(targetArn) };
    if (!isAllowed(target, sender)) {
      const text = `User: ${sender.principal} is not authorized to perform: ${INVOKE} on resource: ${targetArn} because no resource-based policy allows the ${INVOKE} action`;
      return { ok: false, error: new ServiceError('AccessDeniedException', text, 403, { Message: text }) };
    }
    const bytes = utf8Length(payload);
    if (bytes > ASYNC_PAYLOAD_MAX_BYTES) {
      return { ok: false, error: requestTooLarge(bytes, 'Event', ASYNC_PAYLOAD_MAX_BYTES) };
    }
    this.#events.accept(target, this.#environment.ids.uuid(), payload, sender.traceHeader);
    return { ok: true };
  }

  /** A function, or a layer that has a version. */
  exists(targetArn: string): boolean {
    if (targetArn.includes(':layer:')) return (this.#layers.get(targetArn)?.versions.length ?? 0) > 0;
    return this.#registry.resolveArn(targetArn) !== undefined;
  }

  accepts(targetArn: string, sender: Sender): boolean {
    const target = this.#registry.resolveArn(targetArn);
    return target !== undefined && isAllowed(target, sender);
  }
}
