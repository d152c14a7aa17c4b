export {
  type DeployAssemblyOptions,
  type DeployTemplateOptions,
  deployAssembly,
  deployTemplate,
} from './deploy-assembly.ts';
export { type DeployedStack, type DeployOptions, StackDeploymentError } from './deploy-stack.ts';

export { engineTarget } from './engine-target.ts';
