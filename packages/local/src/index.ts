export type { ClockState } from './control.ts';
export {
  type DeployedStack,
  deployAssembly,
  deployTemplate,
  engineTarget,
  StackDeploymentError,
} from './deployer/index.ts';
export { LocalEngine, type LocalEngineOptions, VERSION } from './local-engine.ts';
export type { ClockMode } from './runtime/index.ts';
