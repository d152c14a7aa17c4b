import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidInputError } from '@holdfast/local';
import { Configuration } from './configuration.ts';
import type { ConfiguredModule, ConfiguredResource, ModuleCall, PlannedModule, PlannedResource } from './plan-file.ts';

/** Where `terraform init` put the modules: of local ones their own folder. */
const INSTALLED = '.terraform/modules/modules.json';

interface InstalledModule {
  readonly Key: string;
  readonly Dir: string;
}

/** Finds the files of modules, by the names of the calls that lead there. */
export class ModuleFiles {
  readonly #root: string;
  readonly #installed: ReadonlyMap<string, string>;
  readonly #configurations = new Map<string, Configuration>();

  constructor(root: string) {
    this.#root = root;
    const list = join(root, INSTALLED);
    const { Modules = [] } = existsSync(list)
      ? (JSON.parse(readFileSync(list, 'utf8')) as { readonly Modules?: readonly InstalledModule[] })
      : {};
    this.#installed = new Map(Modules.map(({ Key, Dir }) => [Key, Dir]));
  }

  /** From the root, with slashes, as `path.module` has it. @throws InvalidInputError for a module that is not here */
  directoryOf(key: string, source: string, from: string, address: string): string {
    if (/^\.\.?(\/|$)/.test(source)) return join(from, source);
    const installed = this.#installed.get(key);
    if (installed !== undefined) return installed;
    throw new InvalidInputError(
      address,
      source,
      `is a module that \`terraform init\` downloads, and ${join(this.#root, INSTALLED)} does not name it: init there, or name the directory of the configuration: deploy(plan, { configuration: 'infrastructure' })`,
    );
  }

  at(directory: string): Configuration {
    const known = this.#configurations.get(directory) ?? new Configuration(join(this.#root, directory));
    this.#configurations.set(directory, known);
    return known;
  }
}

interface Called {
  readonly by: PlanModule;
  readonly name: string;
  readonly call: ModuleCall;
  readonly index: string | number | undefined;
}

/** `["orders"]` or `[0]` at the end of an address. */
const indexOf = (address: string): string | number | undefined => {
  const text = /\[("(?:[^"\\]|\\.)*"|\d+)\]$/.exec(address)?.[1];
  return text === undefined ? undefined : (JSON.parse(text) as string | number);
};

/** The root, or one instance of a module: what of it is planned, what is configured, and its files. */
export class PlanModule {
  /** Empty of the root. */
  readonly address: string;
  readonly called: Called | undefined;
  readonly resources: readonly PlannedResource[];
  readonly configured: ConfiguredModule;
  readonly #key: string;
  readonly #files: ModuleFiles;
  readonly #children: readonly PlanModule[];
  #directory: string | undefined;

  constructor(planned: PlannedModule, configured: ConfiguredModule, files: ModuleFiles, called?: Called, key = '') {
    this.address = planned.address ?? '';
    this.called = called;
    this.configured = configured;
    this.#files = files;
    this.#key = key;
    // A resource of which nothing is known yet comes without values.
    this.resources = (planned.resources ?? [])
      .filter(({ mode }) => mode === 'managed')
      .map((resource) => ({ ...resource, values: resource.values ?? {} }));
    this.#children = Object.entries(configured.module_calls ?? {}).flatMap(([name, call]) =>
      this.#instances(planned, name, call),
    );
  }

  /** Modules without resources are not in a plan; one that is called once is there nevertheless. */
  #instances({ child_modules = [] }: PlannedModule, name: string, call: ModuleCall): readonly PlanModule[] {
    const address = `${this.address === '' ? '' : `${this.address}.`}module.${name}`;
    const planned = child_modules.filter((one) => one.address === address || one.address?.startsWith(`${address}[`));
    const isRepeated = call.count_expression !== undefined || call.for_each_expression !== undefined;
    const all = planned.length === 0 && !isRepeated ? [{ address }] : planned;
    const key = this.#key === '' ? name : `${this.#key}.${name}`;
    return all.map((one) => {
      const index = isRepeated ? indexOf(one.address ?? '') : undefined;
      return new PlanModule(one, call.module, this.#files, { by: this, name, call, index }, key);
    });
  }

  /** This one and all that it calls. */
  get all(): readonly PlanModule[] {
    return [this, ...this.#children.flatMap(({ all }) => all)];
  }

  /** Its folder below the root's, as `path.module` says it. */
  get directory(): string {
    if (this.called === undefined) return '.';
    const { by, call } = this.called;
    this.#directory ??= this.#files.directoryOf(this.#key, call.source, by.directory, this.address);
    return this.#directory;
  }

  /** Whether its files are here: a plan may be all that there is. */
  get hasFiles(): boolean {
    try {
      return this.configuration !== undefined;
    } catch (error) {
      if (error instanceof InvalidInputError) return false;
      throw error;
    }
  }

  get configuration(): Configuration {
    return this.#files.at(this.directory);
  }

  /** The instances of a module that it calls. */
  instancesOf(name: string): readonly PlanModule[] {
    return this.#children.filter(({ called }) => called?.name === name);
  }

  configuredResource(address: string): ConfiguredResource | undefined {
    return this.configured.resources?.find((one) => one.address === address);
  }

  /** A name in this module as one of the whole plan. */
  named(base: string): string {
    return this.address === '' ? base : `${this.address}.${base}`;
  }
}
