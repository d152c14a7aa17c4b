import { randomUUID } from 'node:crypto';
import type { ConsoleRequest, ConsoleResponse } from '@holdfast/console';
import type { LocalEngine, LocalEngineOptions } from '@holdfast/local';
import { note } from '../output.ts';
import { ANY_CREDENTIALS, type Target } from '../target.ts';

/** Somebody who looks at a page sees something of it at once, and the rest as it is read. */
const PATIENCE_MS = 300;

type Answer = (request: ConsoleRequest) => Promise<ConsoleResponse>;

/** The console of whom a command talks to; its jobs lie where those of `holdfast dlq redrive` lie. */
export const openConsole = async (target: Target, isEngine: boolean): Promise<Answer> => {
  const [{ createConsole }, { jobStore, openOperations }] = await Promise.all([
    import('@holdfast/console'),
    import('../redrive/open-operations.ts'),
  ]);
  return createConsole({
    target,
    isEngine,
    open: (now) =>
      openOperations(target, undefined, now === undefined ? {} : { now, looks: { patienceMs: PATIENCE_MS } }),
    audit: () => jobStore(undefined).audit(),
    newId: randomUUID,
    note,
  });
};

/** Puts the console on the engine's port. It is loaded by who opens it first. */
export const mountConsole = (engine: LocalEngine, { region = 'us-east-1', account }: LocalEngineOptions): void => {
  const credentials = account === undefined ? ANY_CREDENTIALS : { ...ANY_CREDENTIALS, accessKeyId: account };
  let opened: Promise<Answer> | undefined;
  engine.pages = async (request) => {
    opened ??= openConsole({ endpoint: engine.endpoint, region, credentials }, true);
    return (await opened)(request);
  };
};
