/** One path of a body, and what is there elsewhere. */
export interface FormRow {
  /** `vendor.id`, `rows[].price`. */
  readonly path: string;
  /** The type of its value in this body; `absent` where it has none. */
  readonly own: string;
  /** `string 80 %, null 20 %`, of the others of its group; empty where there are none. */
  readonly inGroup: string;
  /** The same of what its source gave up for other reasons. */
  readonly inSource: string;
  /** The same of what waits in the queue that it came from, and has not failed. */
  readonly inWaiting: string;
}

/** Bodies that one is compared with. */
export interface OtherBodies {
  readonly group: readonly string[];
  readonly source: readonly string[];
  readonly waiting: readonly string[];
}

const ABSENT = 'absent';

/** Bodies can be a megabyte of names that nobody chose: more paths of one tell nothing more. */
const PATHS_MAX = 1_000;

/** Characters of all bodies that one is compared with. */
const COMPARED_MAX = 5_000_000;

/** Paths of a JSON body with the type of what is there: its form, whatever the values. */
const walk = (value: unknown, path: string, form: Map<string, string>): void => {
  if (form.size >= PATHS_MAX) return;
  if (Array.isArray(value)) {
    if (value.length === 0) form.set(`${path}[]`, 'empty');
    else walk(value[0], `${path}[]`, form);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, inner] of Object.entries(value)) walk(inner, path === '' ? name : `${path}.${name}`, form);
  } else form.set(path || '(body)', value === null ? 'null' : typeof value);
};

const formOf = (body: string): ReadonlyMap<string, string> => {
  const form = new Map<string, string>();
  try {
    walk(JSON.parse(body), '', form);
  } catch {
    form.set('(body)', 'no JSON');
  }
  return form;
};

/** How often each type is at each path. */
class Forms {
  readonly paths = new Set<string>();
  readonly #counts = new Map<string, Map<string, number>>();
  #forms = 0;

  constructor(bodies: readonly string[]) {
    let characters = 0;
    for (const body of bodies) {
      characters += body.length;
      if (characters > COMPARED_MAX) return;
      this.#forms += 1;
      for (const [path, type] of formOf(body)) this.#count(path, type);
    }
  }

  #count(path: string, type: string): void {
    this.paths.add(path);
    const counts = this.#counts.get(path) ?? new Map<string, number>();
    counts.set(type, (counts.get(type) ?? 0) + 1);
    this.#counts.set(path, counts);
  }

  /** Shares by type, largest first. */
  at(path: string): readonly (readonly [type: string, share: number])[] {
    const counts = [...(this.#counts.get(path) ?? [])];
    const absent = this.#forms - counts.reduce((sum, [, count]) => sum + count, 0);
    return [...counts, ...(absent === 0 ? [] : [[ABSENT, absent] as const])]
      .map(([type, count]) => [type, count / this.#forms] as const)
      .sort((a, b) => b[1] - a[1]);
  }

  shareOf(path: string, type: string): number {
    return this.at(path).find(([each]) => each === type)?.[1] ?? 0;
  }

  get isEmpty(): boolean {
    return this.#forms === 0;
  }
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;

const textOf = (shares: readonly (readonly [string, number])[]): string =>
  shares.map(([type, share]) => (share === 1 ? type : `${type} ${percent(share)}`)).join(', ');

/**
 * The form of a body beside those of its group, of what its source gave up for other reasons, and of what has not failed;
 * only what differs.
 */
export const formRows = (body: string, { group, source, waiting }: OtherBodies): readonly FormRow[] => {
  const own = formOf(body);
  const others = [new Forms(group), new Forms(source), new Forms(waiting)] as const;
  const paths = new Set([...own.keys(), ...others.flatMap((forms) => [...forms.paths])]);
  return [...paths].flatMap((path) => {
    const type = own.get(path) ?? ABSENT;
    const isAlike = others.every((forms) => forms.isEmpty || forms.shareOf(path, type) === 1);
    if (isAlike) return [];
    const [inGroup, inSource, inWaiting] = others.map((forms) => textOf(forms.at(path))) as [string, string, string];
    return { path, own: type, inGroup, inSource, inWaiting };
  });
};

/** Shares of other bodies from which on something is usual. */
const USUAL = 0.8;

/** What one body has that others mostly have not, and the other way round. */
export const bodyDifferences = (body: string, others: readonly string[]): readonly string[] => {
  if (others.length === 0) return [];
  const own = formOf(body);
  const forms = new Forms(others);
  return [
    ...[...own].flatMap(([path, type]) =>
      forms.shareOf(path, type) <= 1 - USUAL ? `has ${path} ${type}, which others have not` : [],
    ),
    ...[...forms.paths].flatMap((path) =>
      forms
        .at(path)
        .filter(([type, share]) => type !== ABSENT && share >= USUAL && own.get(path) !== type)
        .map(([type]) => `has no ${path} ${type}, which others have`),
    ),
  ];
};
