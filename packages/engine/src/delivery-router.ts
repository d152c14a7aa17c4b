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
    return this.#byArnService.get(parseArn(targetArn)?.service ?? '') ?? [];
  }
}
