import { invariant } from '@holdfast/kernel';

type Yaml = typeof import('yaml');

let loaded: Yaml | undefined;

/**
 * Loads the parser of YAML: seventy files, which nobody waits for who never deploys any. To be awaited before a template
 * is read that may be, or may name, YAML.
 */
export const loadYaml = async (): Promise<void> => {
  if (loaded !== undefined) return;
  const module: Yaml & { readonly default?: Yaml } = await import('yaml');
  // Bundled, the package is CommonJS in a file of its own: all of it is the default.
  loaded = module.default ?? module;
};

/** As {@link loadYaml}, when this template is YAML itself or names others. */
export const loadYamlFor = async (templateBody: string): Promise<void> => {
  if (!isJson(templateBody) || /TemplateURL|AWS::Include/.test(templateBody)) await loadYaml();
};

export const isJson = (templateBody: string): boolean => /^\s*\{/.test(templateBody);

/** The parser. */
export const yaml = (): Yaml => {
  invariant(loaded !== undefined, 'the parser of YAML is loaded before the first template that wants it');
  return loaded;
};
