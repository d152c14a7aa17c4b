import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { FunctionSpec } from '@holdfast/engine';

/** Where Python looks for what layers bring, in order. */
export const pythonPathsOf = (runtime: string, layersRoot: string | undefined): readonly string[] =>
  layersRoot === undefined
    ? []
    : [join(layersRoot, 'python', 'lib', runtime, 'site-packages'), join(layersRoot, 'python')];

const nodePathsOf = (runtime: string, layersRoot: string): readonly string[] => {
  const major = /^nodejs(\d+)/.exec(runtime)?.[1] ?? '';
  return [join(layersRoot, 'nodejs', `node${major}`, 'node_modules'), join(layersRoot, 'nodejs', 'node_modules')];
};

/**
 * Variables through which programs find what layers bring. The function may override them. The last is Holdfast's own,
 * for where there is no `/opt`.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html
 */
export const layerVariables = (
  spec: Pick<FunctionSpec, 'runtime'>,
  taskRoot: string,
  layersRoot: string | undefined,
): Record<string, string> =>
  layersRoot === undefined
    ? {}
    : {
        PATH: `${process.env['PATH'] ?? ''}:${join(layersRoot, 'bin')}`,
        LD_LIBRARY_PATH: [taskRoot, join(taskRoot, 'lib'), join(layersRoot, 'lib')].join(':'),
        ...(spec.runtime.startsWith('nodejs') ? { NODE_PATH: nodePathsOf(spec.runtime, layersRoot).join(':') } : {}),
        ...(layersRoot === '/opt' ? {} : { HOLDFAST_LAYERS_ROOT: layersRoot }),
      };

/**
 * What the log says of extensions that layers bring: they are not started.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
 */
export const extensionLines = (layersRoot: string | undefined): readonly string[] => {
  const directory = layersRoot === undefined ? undefined : join(layersRoot, 'extensions');
  if (directory === undefined || !existsSync(directory)) return [];
  const names = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isFile());
  return names.map(
    ({ name }) => `EXTENSION\tName: ${name}\tState: LaunchError\tEvents: []\tError Type: NotSupportedByHoldfast`,
  );
};
