import { parseArn } from '@holdfast/aws-model';
import { invariant } from '@holdfast/kernel';
import {
  type Deliverables,
  type Delivery,
  type DeliveryResult,
  type DeliveryTarget,
  type DeliveryTargets,
  type Sender,
  ServiceError,
  type TargetKind,
} from './core/index.ts';

type AnyTarget = DeliveryTarget<never>;

/** Hands over to the service that plays a kind of target; asks about targets by the service part of their ARN. */
export class DeliveryRouter implements Delivery {
  readonly #byKind = new Map<string, AnyTarget>();
  readonly #byArnService = new Map<string, AnyTarget[]>();

  /** What brings targets that are not there yet, by kind and by the service part of ARNs. */
  readonly #awaitedKinds = new Map<string, () => void>();
  readonly #awaitedArns = new Map<string, () => void>();

  /** Targets of these kinds are added when somebody asks for them. */
  expect(arnService: string, kinds: readonly TargetKind[], add: () => void): void {
    for (const kind of kinds) this.#awaitedKinds.set(kind, add);
    if (kinds.length > 0) this.#awaitedArns.set(arnService, add);
  }

  add(arnService: string, targets: DeliveryTargets): void {
    for (const [kind, target] of Object.entries(targets) as [string, AnyTarget][]) {
      invariant(!this.#byKind.has(kind), `one service plays the target ${kind}`);
      this.#byKind.set(kind, target);
      this.#byArnService.set(arnService, [...(this.#byArnService.get(arnService) ?? []), target]);
    }
  }

  to<Kind extends TargetKind>(
    kind: Kind,
    targetArn: string,
    message: Deliverables[Kind],
    sender: Sender,
  ): DeliveryResult {
    if (!this.#byKind.has(kind)) this.#awaitedKinds.get(kind)?.();
    const target = this.#byKind.get(kind) as DeliveryTarget<Deliverables[Kind]> | undefined;
    if (target !== undefined) return target.deliver(targetArn, message, sender);
    const text = `No service here takes what is sent to ${targetArn}.`;
    return { ok: false, error: new ServiceError('ResourceNotFoundException', text, 404) };
  }

  exists(targetArn: string): boolean {
    return this.#of(targetArn).some((target) => target.exists(targetArn));
  }

  accepts(targetArn: string, sender: Sender): boolean {
    return this.#of(targetArn).some((target) => target.accepts(targetArn, sender));
  }

  #of(targetArn: string): readonly AnyTarget[] {
    const service = parseArn(targetArn)?.service ?? '';
    if (!this.#byArnService.has(service)) this.#awaitedArns.get(service)?.();
    return this.#byArnService.get(service) ?? [];
  }
}
