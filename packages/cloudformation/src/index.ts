export { cloudFormation } from './descriptor.ts';
export { includedBy } from './template/includes.ts';
export { parseTemplate } from './template/parse-template.ts';
export { loadYaml, loadYamlFor } from './template/yaml.ts';
