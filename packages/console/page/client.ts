import type { ConsoleApi } from '../src/api.ts';

type Input<Name extends keyof ConsoleApi> = Parameters<ConsoleApi[Name]>[0];
type Output<Name extends keyof ConsoleApi> = Awaited<ReturnType<ConsoleApi[Name]>>;

/** Calls the console's own server. @throws Error in the words of the server */
export const call = async <Name extends keyof ConsoleApi>(name: Name, input: Input<Name>): Promise<Output<Name>> => {
  const answer = await fetch(`/_holdfast/console/api/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(input),
  });
  const text = await answer.text();
  if (answer.ok) return JSON.parse(text) as Output<Name>;
  throw new Error(text.startsWith('{') ? (JSON.parse(text) as { message: string }).message : text);
};
