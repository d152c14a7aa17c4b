/** What AWS says about text that is no JSON; worded for the usual cases. */
export const parseFailureText = (json: string): string => {
  const place = (column: number): string =>
    `\n at [Source: REDACTED (\`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION\` disabled); line: 1, column: ${column}]`;
  const word = /^\s*([A-Za-z_][\w$]*)/.exec(json);
  if (word !== null) {
    return `failed to parse JSON. Unrecognized token '${word[1]}': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')${place(word[0].length + 1)}`;
  }
  const field = /^(\s*\{\s*)([^"}\s])/.exec(json);
  if (field !== null) {
    const character = field[2] as string;
    return `failed to parse JSON. Unexpected character ('${character}' (code ${character.charCodeAt(0)})): was expecting double-quote to start field name${place((field[1] as string).length + 1)}`;
  }
  return `failed to parse JSON.${place(1)}`;
};
