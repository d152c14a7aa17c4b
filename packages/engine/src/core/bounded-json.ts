/** As deep as AWS's own JSON parser goes. What is handed on as a structure is walked again and again. */
const JSON_DEPTH_MAX = 1_000;

/** Whether a JSON text has more levels than that. Brackets inside strings do not count. */
const isTooDeep = (text: string, levelsMax: number): boolean => {
  // So many brackets need so many characters.
  if (text.length <= levelsMax) return false;
  let depth = 0;
  let isInString = false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (isInString) {
      if (code === 92) index += 1;
      else if (code === 34) isInString = false;
    } else if (code === 34) isInString = true;
    else if (code === 91 || code === 123) {
      depth += 1;
      if (depth > levelsMax) return true;
    } else if (code === 93 || code === 125) depth -= 1;
  }
  return false;
};

/**
 * `JSON.parse` for texts of callers that are walked afterwards: what is nested too deeply is no JSON.
 *
 * @throws SyntaxError
 */
export const parseBoundedJson = (text: string, levelsMax = JSON_DEPTH_MAX): unknown => {
  if (isTooDeep(text, levelsMax)) throw new SyntaxError(`nested more than ${levelsMax} levels deep`);
  return JSON.parse(text);
};
