export {
  type DeployAssemblyOptions,
  type DeployTemplateOptions,
  deployAssembly,
  deployTemplate,
} from './assembly/deploy-assembly.ts';
export { type DeployedStack, type DeployOptions, StackDeploymentError } from './assembly/deploy-stack.ts';
export type { DeployTarget } from './assembly/deploy-target.ts';
export { engineTarget } from './assembly/engine-target.ts';
export { cloudFormation } from './descriptor.ts';
