/**
 * Replaces the placeholders of a template. `placeholder` is sticky, begins with `<` and captures the name; `fill` learns whether it
 * stands between the quotes of a JSON string, where other rules hold for what goes in.
 */
export const fillPlaceholders = (
  template: string,
  placeholder: RegExp,
  fill: (name: string, isQuoted: boolean) => string,
): string => {
  let out = '';
  let isQuoted = false;
  for (let index = 0; index < template.length; index++) {
    const char = template[index] as string;
    if (char === '\\' && isQuoted) {
      out += char + (template[++index] ?? '');
      continue;
    }
    if (char === '"') isQuoted = !isQuoted;
    placeholder.lastIndex = index;
    const match = char === '<' ? placeholder.exec(template) : null;
    if (match === null) {
      out += char;
      continue;
    }
    out += fill(match[1] as string, isQuoted);
    index += match[0].length - 1;
  }
  return out;
};
