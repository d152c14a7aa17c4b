export type { ActiveFault } from './fault.ts';
export { Faults, type FaultState } from './faults.ts';
export type { ActiveFunctionFault, FunctionFault } from './function-faults.ts';
export type { ServiceFault, ServiceFaults } from './service-faults.ts';
