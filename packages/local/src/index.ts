export type { CapturedMail } from '@holdfast/engine';
export { HoldfastError, InvalidInputError } from '@holdfast/kernel';
export {
  type DeployAssemblyOptions,
  type DeployedStack,
  type DeployOptions,
  type DeployTemplateOptions,
  StackDeploymentError,
} from './assembly/index.ts';
export type { ClockState } from './control.ts';
export type { ActiveFault, ActiveFunctionFault, FunctionFault, ServiceFault } from './faults/index.ts';
export { LocalEngine, VERSION } from './local-engine.ts';
export type { LocalEngineOptions } from './local-engine-options.ts';
export type { BoundContext, BoundHandler, ClockMode } from './runtime/index.ts';
export { STANDS_STILL, type StandingClockMode, type WaitingState } from './standing-clock/index.ts';
export { FSYNC_MODES, type FsyncMode, type RepairReport, repairDirectory, StoreError } from './store/index.ts';
