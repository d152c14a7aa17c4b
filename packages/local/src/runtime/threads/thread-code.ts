import { bundledCode } from '../bundled-code.ts';

let url: URL | undefined;

/** The code of every thread, prepared once. Stack traces name the file that AWS has in its place. */
export const workerUrl = (): URL => {
  const code = (): string => bundledCode('worker-main', './threads/worker-main.ts');
  url ??= new URL(
    `data:text/javascript,${encodeURIComponent(`${code()}\n//# sourceURL=file:///var/runtime/index.mjs`)}`,
  );
  return url;
};
