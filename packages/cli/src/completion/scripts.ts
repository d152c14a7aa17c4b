import type { CommandWords, OptionWords } from './words.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** The word that stands for a command's path in the scripts: `dlq ls`. */
const nameOf = (path: readonly string[]): string => path.join(' ');

/** Finds out in the shell which command the words so far are in: `path`, which all known paths are compared with. */
const bash = (all: readonly CommandWords[]): string => {
  const cases = all.map(({ path, commands, options, choices }) => {
    const words = [...commands.map(({ name }) => name), ...choices, ...options.flatMap(({ flags }) => flags)];
    return `    ${quote(nameOf(path))}) words=${quote(words.join(' '))} ;;`;
  });
  const valued = all.flatMap(({ options }) => options.filter(({ takesValue }) => takesValue));
  const flagsOf = (isPath: boolean): string =>
    [...new Set(valued.filter((option) => option.isPath === isPath).flatMap(({ flags }) => flags))].join('|');
  const chosen = new Map(
    valued.flatMap(({ flags, choices }) => flags.map((flag) => [flag, choices.join(' ')] as const)),
  );
  return `# bash completion of holdfast; add to ~/.bashrc:  source <(holdfast completion bash)
_holdfast() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" path='' words='' word
  case "$previous" in
${[...chosen]
  .filter(([, choices]) => choices !== '')
  .map(([flag, choices]) => `    ${flag}) COMPREPLY=($(compgen -W ${quote(choices)} -- "$current")); return ;;`)
  .join('\n')}
    ${flagsOf(true) || '--'}) compopt -o default; return ;;
    ${flagsOf(false) || '--'}) return ;;
  esac
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${path:+$path }$word" in
${all
  .filter(({ path }) => path.length > 0)
  .map(({ path }) => `      ${quote(nameOf(path))}) path=${quote(nameOf(path))} ;;`)
  .join('\n')}
    esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _holdfast holdfast
`;
};

const zshText = (text: string): string => text.replace(/([:\\[\]])/g, '\\$1');

const zsh = (all: readonly CommandWords[]): string => {
  const cases = all.map(({ path, commands, options, choices }) => {
    const valuesOf = ({ isPath, choices: values }: OptionWords): string =>
      isPath ? '_files' : values.length > 0 ? `(${values.join(' ')})` : ' ';
    const specs = options.flatMap((option) =>
      option.flags.map((flag) =>
        quote(`${flag}[${zshText(option.description)}]${option.takesValue ? `:value:${valuesOf(option)}` : ''}`),
      ),
    );
    const named = commands.map(({ name, summary }) => quote(`${name}:${zshText(summary)}`));
    const first = named.length > 0 ? `_describe command "(${named.join(' ')})"` : '';
    const list = [...specs, quote(choices.length > 0 ? `*:value:(${choices.join(' ')})` : '*: :')].join(' ');
    return `    ${quote(nameOf(path))})
      local -a commands=(${named.join(' ')})
      ${first === '' ? '' : '[[ $words[CURRENT] == -* ]] || _describe command commands\n      '}_arguments ${list} ;;`;
  });
  return `#compdef holdfast
# zsh completion of holdfast; add to ~/.zshrc, after compinit:  source <(holdfast completion zsh)
_holdfast() {
  local path_='' word
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "\${path_:+$path_ }$word" in
${all
  .filter(({ path }) => path.length > 0)
  .map(({ path }) => `      ${quote(nameOf(path))}) path_=${quote(nameOf(path))} ;;`)
  .join('\n')}
    esac
  done
  case "$path_" in
${cases.join('\n')}
  esac
}
compdef _holdfast holdfast
`;
};

const fish = (all: readonly CommandWords[]): string => {
  const lines = all.flatMap(({ path, commands, options, choices }) => {
    const where = [
      ...path.map((word) => `__fish_seen_subcommand_from ${word}`),
      ...(commands.length > 0 ? [`not __fish_seen_subcommand_from ${commands.map(({ name }) => name).join(' ')}`] : []),
    ].join('; and ');
    const rule = `complete -c holdfast${where === '' ? '' : ` -n ${quote(where)}`}`;
    return [
      ...commands.map(({ name, summary }) => `${rule} -f -a ${name} -d ${quote(summary)}`),
      ...choices.map((choice) => `${rule} -f -a ${choice}`),
      ...options.map(({ flags, description, takesValue, isPath, choices: values }) => {
        const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
        return `${rule} ${names.join(' ')} ${takesValue ? (isPath ? '-r -F' : `-x${values.length > 0 ? ` -a ${quote(values.join(' '))}` : ''}`) : '-f'} -d ${quote(description)}`;
      }),
    ];
  });
  return `# fish completion of holdfast; keep as ~/.config/fish/completions/holdfast.fish\ncomplete -c holdfast -f\n${lines.join('\n')}\n`;
};

/** A script that completes a program's words in a shell. */
export const completionScript = (shell: Shell, all: readonly CommandWords[]): string =>
  ({ bash, zsh, fish })[shell](all);
