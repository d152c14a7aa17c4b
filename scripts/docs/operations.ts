import { LocalEngine } from '@holdfast/local';

const BEGIN = '<!-- Written by `npm run docs`. -->';

/** What a fidelity page must say of its service's operations and resource types, by the service's id. */
export const operationSections = async (): Promise<ReadonlyMap<string, string>> => {
  await using local = await LocalEngine.start({ port: 0 });
  const { engine } = local;
  const sections = new Map<string, string>();
  for (const { id, sdk, resourceTypes = [] } of engine.descriptors) {
    const modelled = engine.actionsOf(id);
    const all = Object.keys(await sdk())
      .filter((name) => /^[A-Z]\w+Command$/.test(name))
      .map((name) => name.replace(/Command$/, ''));
    const refused = all.filter((name) => !modelled.includes(name)).length;
    const rest = refused === 0 ? 'That is its whole API.' : `The other ${refused} of its API are refused by name.`;
    const operations = `## Operations\n\n${modelled.length} are modelled: ${inCode(modelled)}. ${rest}`;
    sections.set(id, [BEGIN, operations, ...typesOf(resourceTypes)].join('\n\n').concat('\n'));
  }
  return sections;
};

const inCode = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');

const typesOf = (resourceTypes: readonly { readonly type: string }[]): readonly string[] =>
  resourceTypes.length === 0
    ? []
    : [`## Resource types of CloudFormation\n\n${inCode(resourceTypes.map(({ type }) => type).sort())}.`];

/** A page with the section at its end, in place of the one that it had. */
export const withSection = (page: string, section: string): string =>
  `${page.split(BEGIN)[0]?.trimEnd()}\n\n${section}`;
