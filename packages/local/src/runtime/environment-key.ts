import { functionArn } from '@holdfast/aws-model';
import type { FunctionSpec } from '@holdfast/engine';

/** What environments have in common that may take each other's invocations; begins with the function's ARN and a bar. */
export const keyOf = (spec: FunctionSpec): string =>
  `${functionArn(spec.region, spec.account, spec.functionName)}|${spec.version}|${spec.initializationType ?? 'on-demand'}|${spec.revision}`;
