import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

type Texts = Readonly<Record<string, string>>;

/** A job that has run an action. What its steps left behind ends with the job. */
interface Job extends Disposable {
  readonly outputs: Texts;
  readonly env: Texts;
}

interface CompositeAction {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>;
  readonly outputs: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: {
    readonly steps: readonly {
      readonly id: string;
      readonly env: Texts;
      readonly run: string;
    }[];
  };
}

const assignmentsIn = (file: string): Texts =>
  Object.fromEntries(
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.includes('='))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );

/**
 * Runs a composite action as GitHub's runner does: each step in `bash --noprofile --norc -eo pipefail`, inputs in the place of
 * `${{ inputs.… }}`, what steps write to `GITHUB_OUTPUT` and `GITHUB_ENV` handed on.
 */
export const runAction = async (
  file: string,
  given: Texts,
  directory: string,
  environment: NodeJS.ProcessEnv,
): Promise<Job> => {
  const action = parse(readFileSync(file, 'utf8')) as CompositeAction;
  const defaults = Object.fromEntries(Object.entries(action.inputs).map(([name, input]) => [name, input.default]));
  const inputs: Texts = { ...defaults, ...given };
  const withInputs = (text: string): string =>
    text.replace(/\$\{\{ inputs\.([\w-]+) \}\}/g, (_whole, name: string) => inputs[name] ?? '');
  mkdirSync(directory, { recursive: true });
  const [outputFile, environmentFile] = [join(directory, 'output'), join(directory, 'env')];
  const steps: Record<string, Texts> = {};
  const groups: number[] = [];
  const end = (): void => {
    for (const group of groups) {
      try {
        process.kill(-group, 'SIGTERM');
      } catch (error) {
        // All of it has ended.
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
  };
  writeFileSync(environmentFile, '');
  for (const { id, env, run } of action.runs.steps) {
    writeFileSync(outputFile, '');
    const own = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, withInputs(value)]));
    const shell = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', withInputs(run)], {
      cwd: directory,
      env: { ...environment, ...own, RUNNER_TEMP: directory, GITHUB_OUTPUT: outputFile, GITHUB_ENV: environmentFile },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, with all that it starts.
      detached: true,
    });
    groups.push(shell.pid as number);
    let said = '';
    for (const stream of [shell.stdout, shell.stderr]) stream.on('data', (data) => (said += data));
    const [code] = (await once(shell, 'exit')) as [number | null];
    if (code !== 0) {
      end();
      throw new Error(`step ${id} ended with ${code}\n${said}`);
    }
    steps[id] = assignmentsIn(outputFile);
  }
  const outputs = Object.entries(action.outputs).map(([name, { value }]): [string, string] => [
    name,
    value.replace(/\$\{\{ steps\.([\w-]+)\.outputs\.([\w-]+) \}\}/g, (_whole, id: string, output: string) => {
      return steps[id]?.[output] ?? '';
    }),
  ]);
  return { outputs: Object.fromEntries(outputs), env: assignmentsIn(environmentFile), [Symbol.dispose]: end };
};
