/** Frames of the platform and of what was installed: the bug is rarely theirs. */
const FOREIGN =
  /node:|node_modules|\/var\/runtime|\/opt\/|<anonymous>|native code|internal\/|site-packages|\/usr\/lib|process\.processTicksAndRejections|Runtime\.handle/;

/** `at parseRow (file:///var/task/index.mjs:10:5)`, or Python's `File "/var/task/app.py", line 10, in parse_row`. */
const FRAME = /^\s*at (?:async )?(?:new )?([\w$.<>[\] ]+?) \(|File "[^"]+", line \d+, in ([\w<>]+)/;

/** The function of the program in which an error arose, without file and line: those change with every deployment. */
export const ownFrame = (stack: string): string | undefined => {
  const isPython = /^\s*File "/m.test(stack);
  const frames = stack.split('\n').filter((line) => FRAME.test(line) && !FOREIGN.test(line));
  // Python names the innermost frame last.
  const [, js, python] = FRAME.exec((isPython ? frames.at(-1) : frames[0]) ?? '') ?? [];
  const name = js ?? python;
  return name === undefined || /^(?:Object\.<anonymous>|<module>|Module\.handler|handler|lambda_handler)$/.test(name)
    ? undefined
    : name.replace(/^(?:Object|Module)\./, '');
};
