import { InvalidInputError, LocalEngine, type LocalEngineOptions } from '@holdfast/local';

/** Of the engines that show themselves in the environment of this process. */
let sharedPort = 0;

/** One port for all of them, one after the other: a client that a module made once finds each. */
export const startAtSharedPort = async (options: LocalEngineOptions): Promise<LocalEngine> => {
  try {
    const local = await LocalEngine.start({ ...options, port: sharedPort });
    sharedPort = Number(new URL(local.endpoint).port);
    return local;
  } catch (error) {
    if ((error as { code?: string }).code !== 'EADDRINUSE') throw error;
    throw new InvalidInputError(
      'environment',
      true,
      'is for one engine of a process at a time, and another is open; give clients of further ones to the code under test',
    );
  }
};

/** Sets variables of this process; answers how to take that back. */
export const setEnvironment = (variables: Readonly<Record<string, string>>): (() => void) => {
  const replaced = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  return () => {
    for (const [name, value] of replaced) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
};
