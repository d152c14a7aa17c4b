import type { PlannedResource } from './plan-file.ts';
import type { PlanModule } from './plan-module.ts';

/** Addresses that expressions of a plan's configuration refer to, by expression. */
const referencesIn = (expressions: unknown): readonly string[] => {
  if (Array.isArray(expressions)) return (expressions as readonly unknown[]).flatMap(referencesIn);
  if (typeof expressions !== 'object' || expressions === null) return [];
  return Object.entries(expressions).flatMap(([name, inner]) => {
    if (name !== 'references' || !Array.isArray(inner)) return referencesIn(inner);
    const all = inner as readonly string[];
    // Whatever is referred to comes once more as a whole; of a module that would be all of its outputs.
    return all.filter((one) => !all.some((other) => other.startsWith(`${one}.`)));
  });
};

const REFERENCE = /^(?<data>data\.)?(?<base>[\w-]+\.[\w-]+)(?:\[(?<index>[^\]]*)\])?(?:\.(?<member>[\w-]+))?/;

/** What resources refer to, through variables, data sources, modules and outputs. */
export class References {
  /** Found when values were worked out: what locals stand for is in no plan. */
  readonly #looked = new Map<PlannedResource, Set<string>>();

  look(from: PlannedResource, base: string): void {
    const bases = this.#looked.get(from) ?? new Set();
    this.#looked.set(from, bases.add(base));
  }

  /** Names in the whole plan, without index. */
  of(resource: PlannedResource, module: PlanModule): readonly string[] {
    const { type, name } = resource;
    const found = new Set(this.#looked.get(resource));
    const seen = new Set<string>();
    const isNew = (key: string): boolean => !seen.has(key) && seen.add(key) !== undefined;
    const allOf = (one: PlanModule): void => {
      for (const each of one.all) for (const { type, name } of each.resources) found.add(each.named(`${type}.${name}`));
    };
    const follow = (at: PlanModule, expressions: unknown, dependsOn: readonly string[] = []): void => {
      for (const reference of referencesIn(expressions)) step(at, reference, false);
      for (const reference of dependsOn) step(at, reference, true);
    };
    const ofModule = (at: PlanModule, call: string, index: string | undefined, output: string | undefined): void => {
      for (const one of at.instancesOf(call)) {
        if (index !== undefined && JSON.stringify(one.called?.index) !== index) continue;
        if (output === undefined) {
          allOf(one);
          continue;
        }
        const { expression, depends_on: dependsOn } = one.configured.outputs?.[output] ?? {};
        if (isNew(one.named(`output.${output}`))) follow(one, expression, dependsOn);
      }
    };
    const step = (at: PlanModule, reference: string, isWhole: boolean): void => {
      const { data, base = '', index, member } = REFERENCE.exec(reference)?.groups ?? {};
      const [root = '', own = ''] = base.split('.');
      if (root === 'module') {
        // Of a module as a whole, what its outputs stand for; to wait for it is to wait for all of it.
        const { outputs = {} } = at.configured.module_calls?.[own]?.module ?? {};
        if (isWhole || member !== undefined) ofModule(at, own, index, isWhole ? undefined : member);
        else for (const output of Object.keys(outputs)) ofModule(at, own, index, output);
      } else if (root === 'var') {
        const { by, call } = at.called ?? {};
        if (by !== undefined && isNew(at.named(base))) follow(by, call?.expressions?.[own]);
      } else if (data !== undefined) {
        if (!isNew(at.named(`data.${base}`))) return;
        const configured = at.configuredResource(`data.${base}`);
        follow(at, configured?.expressions, configured?.depends_on);
      } else found.add(at.named(base));
    };
    const configured = module.configuredResource(`${type}.${name}`);
    follow(module, configured?.expressions, configured?.depends_on);
    for (let at = module; at.called !== undefined; at = at.called.by) {
      follow(at.called.by, undefined, at.called.call.depends_on);
    }
    return [...found];
  }
}
