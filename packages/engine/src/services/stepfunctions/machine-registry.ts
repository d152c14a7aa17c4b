import { makeArn } from '@holdfast/aws-model';
import type { RequestContext, ServiceEnvironment } from '../../core/index.ts';
import { readArn } from './arns.ts';
import { invalidArn, machineMissing } from './errors.ts';
import type { ExecutionDesk } from './execution-desk.ts';
import {
  type Revision,
  type StoredAlias,
  type StoredMachine,
  type StoredVersion,
  Table,
  versionArn,
} from './machines.ts';

/** A machine as an ARN names it: itself, a version, or what an alias leads to. */
export interface Resolved {
  readonly machine: StoredMachine;
  readonly revision: Revision;
  readonly versionArn?: string | undefined;
  readonly aliasArn?: string | undefined;
}

/** State machines, their versions and aliases. */
export class MachineRegistry {
  readonly machines: Table<StoredMachine>;
  readonly aliases: Table<StoredAlias>;
  readonly #desk: ExecutionDesk;
  readonly #environment: ServiceEnvironment;

  constructor(environment: ServiceEnvironment, desk: ExecutionDesk) {
    this.#environment = environment;
    this.#desk = desk;
    this.machines = new Table(environment.store, 'states.machines');
    this.aliases = new Table(environment.store, 'states.aliases');
  }

  arnOf(name: string, { account, region }: RequestContext): string {
    return makeArn('states', region, account, `stateMachine:${name}`);
  }

  /** The machine itself. @throws ServiceError for versions and aliases as well */
  machine(arn: string | undefined): StoredMachine {
    const read = readArn(arn ?? '');
    if (read.kind !== 'stateMachine') throw invalidArn(arn ?? '');
    const machine = this.machines.get(read.machineArn);
    if (machine === undefined || read.qualifier !== undefined) throw machineMissing(arn ?? '');
    return machine;
  }

  /** @throws ServiceError when nothing has the ARN */
  resolve(arn: string | undefined): Resolved {
    const text = arn ?? '';
    const read = readArn(text);
    if (read.kind !== 'stateMachine') throw invalidArn(text);
    const machine = this.machines.get(read.machineArn);
    if (machine === undefined) throw machineMissing(text);
    if (read.qualifier === undefined) return { machine, revision: machine.revision };
    const alias = this.aliases.get(text);
    if (alias !== undefined) {
      const version = this.#routed(machine, alias);
      return { ...version, aliasArn: alias.arn };
    }
    return this.#version(machine, text);
  }

  #version(machine: StoredMachine, arn: string): Resolved {
    const version = machine.versions.find(({ number }) => versionArn(machine, number) === arn);
    if (version === undefined) throw machineMissing(arn);
    return { machine, revision: this.#desk.revisions.get(version.revisionId), versionArn: arn };
  }

  /** Weights say how often each version is taken. */
  #routed(machine: StoredMachine, { routes }: StoredAlias): Resolved {
    let left = this.#environment.random.nextUnit() * 100;
    for (const { versionArn: arn, weight } of routes) {
      left -= weight;
      if (left < 0) return this.#version(machine, arn);
    }
    return this.#version(machine, routes.at(-1)?.versionArn as string);
  }

  /** Fixes the machine's revision under the next number; the latest version again when nothing has changed. */
  publish(machine: StoredMachine, description: string | undefined): { machine: StoredMachine; version: StoredVersion } {
    const latest = machine.versions.at(-1);
    if (latest?.revisionId === machine.revision.revisionId) return { machine, version: latest };
    const version: StoredVersion = {
      number: machine.versionsEver + 1,
      revisionId: machine.revision.revisionId,
      description,
      createdAt: this.#environment.clock.now(),
    };
    const published = { ...machine, versions: [...machine.versions, version], versionsEver: version.number };
    this.machines.put(published);
    return { machine: published, version };
  }

  aliasesOf(machineArn: string): StoredAlias[] {
    return [...this.aliases.values()].filter((alias) => alias.machineArn === machineArn);
  }
}
