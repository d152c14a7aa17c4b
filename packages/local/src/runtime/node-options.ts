/** What `NODE_OPTIONS` of a function asks for, in the order in which it is done. */
export interface NodeOptions {
  /** Modules to load before the function, in this order within each kind. */
  readonly required: readonly string[];
  readonly imported: readonly string[];
  readonly hasSourceMaps: boolean;
  readonly stackTraceLimit: number | undefined;
  readonly heapMb: number | undefined;
  /** Left to Node.js, which takes some of them for a thread and refuses others. */
  readonly others: readonly string[];
}

/** Words as Node.js separates them: by spaces, unless between double quotes; a backslash keeps what follows it. */
const wordsOf = (text: string): readonly string[] =>
  (text.match(/(?:[^\s"\\]|\\.|"(?:[^"\\]|\\.)*")+/g) ?? []).map((word) =>
    word.replace(/\\(.)|"/g, (_, kept: string | undefined) => kept ?? ''),
  );

/** @see https://nodejs.org/api/cli.html#node_optionsoptions */
export const parseNodeOptions = (text: string): NodeOptions => {
  const required: string[] = [];
  const imported: string[] = [];
  const others: string[] = [];
  let hasSourceMaps = false;
  let stackTraceLimit: number | undefined;
  let heapMb: number | undefined;
  const words = [...wordsOf(text)];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const [flag = '', ...rest] = word.split('=');
    const takeValue = (): string => (rest.length > 0 ? rest.join('=') : (words.shift() ?? ''));
    switch (flag.replaceAll('_', '-')) {
      case '-r':
      case '--require':
        required.push(takeValue());
        break;
      case '--import':
        imported.push(takeValue());
        break;
      case '--enable-source-maps':
        hasSourceMaps = true;
        break;
      case '--stack-trace-limit':
        stackTraceLimit = Number(takeValue());
        break;
      case '--max-old-space-size':
        heapMb = Number(takeValue()) || undefined;
        break;
      default:
        others.push(word);
    }
  }
  return { required, imported, hasSourceMaps, stackTraceLimit, heapMb, others };
};

/** Flags with which Lambda starts a version of Node.js, unless the function asks for the contrary. */
export const lambdaFlags = (major: number, { others }: NodeOptions): readonly string[] => {
  const flags = [
    ...(major < 24 ? ['experimental-require-module'] : []),
    ...(major < 20 || (major > 20 && major < 24) ? ['experimental-detect-module'] : []),
  ];
  return flags.filter((flag) => !others.includes(`--${flag}`)).map((flag) => `--no-${flag}`);
};
