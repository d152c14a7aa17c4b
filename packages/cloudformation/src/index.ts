export { cloudFormation } from './descriptor.ts';
export { loadYaml, loadYamlFor } from './template/yaml.ts';
