import { LocalEngine } from '@holdfast/local';

const BEGIN = '<!-- Written by `npm run docs`. -->';

/** What a fidelity page must say of its service's operations, by the service's id. */
export const operationSections = async (): Promise<ReadonlyMap<string, string>> => {
  await using local = await LocalEngine.start({ port: 0 });
  const { engine } = local;
  const sections = new Map<string, string>();
  for (const { id, sdk } of engine.descriptors) {
    const modelled = engine.actionsOf(id);
    const all = Object.keys(await sdk())
      .filter((name) => /^[A-Z]\w+Command$/.test(name))
      .map((name) => name.replace(/Command$/, ''));
    const refused = all.filter((name) => !modelled.includes(name)).length;
    const names = modelled.map((name) => `\`${name}\``).join(', ');
    const rest = refused === 0 ? 'That is its whole API.' : `The other ${refused} of its API are refused by name.`;
    const types = id === 'cloudformation' ? resourceTypesOf(engine.descriptors) : '';
    sections.set(id, `${BEGIN}\n\n## Operations\n\n${modelled.length} are modelled: ${names}. ${rest}\n${types}`);
  }
  return sections;
};

const resourceTypesOf = (descriptors: LocalEngine['engine']['descriptors']): string => {
  const types = descriptors.flatMap(({ resourceTypes = [] }) => resourceTypes.map(({ type }) => `\`${type}\``)).sort();
  return `\n## All resource types\n\n${types.length} are modelled: ${types.join(', ')}. Others are refused by name.\n`;
};

/** A page with the section at its end, in place of the one that it had. */
export const withSection = (page: string, section: string): string =>
  `${page.split(BEGIN)[0]?.trimEnd()}\n\n${section}`;
