/** What differs from failure to failure of one kind, and what stands in its place. */
interface Mask {
  /** In words, for the explanation. */
  readonly what: string;
  readonly pattern: RegExp;
  readonly place: string;
}

/**
 * In this order: the longest forms first, so that a shorter one does not take a part of them. Words in quotes are values,
 * unless the word before says that they are a name (`field "price"`): those tell one bug from another and stay.
 */
const MASKS: readonly Mask[] = [
  { what: 'request ids', pattern: /^RequestId: [0-9a-f-]{36} (?:Error: )?/i, place: '' },
  { what: 'ids', pattern: /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, place: '<id>' },
  { what: 'ids', pattern: /\b[0-7][0-9A-HJKMNP-TV-Z]{25}\b/g, place: '<id>' },
  { what: 'ARNs', pattern: /\barn:aws[\w-]*:[^\s"',)\]]+/g, place: '<arn>' },
  {
    what: 'addresses',
    pattern: /\b(?:https?|s3|wss?|postgres(?:ql)?|redis|mongodb(?:\+srv)?):\/\/[^\s"',)\]]+/g,
    place: '<url>',
  },
  { what: 'mail addresses', pattern: /\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b/g, place: '<mail>' },
  {
    what: 'times',
    pattern: /\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?\b/g,
    place: '<time>',
  },
  { what: 'times', pattern: /\b\d{1,2}\/(?:\w{3}|\d{1,2})\/\d{2,4}(?:[: ]\d\d:\d\d(?::\d\d)?)?\b/g, place: '<time>' },
  { what: 'times', pattern: /\b\d\d:\d\d:\d\d(?:\.\d+)?\b/g, place: '<time>' },
  { what: 'JSON', pattern: /\{"(?:[^{}]|\{[^{}]*\})*\}/g, place: '<json>' },
  { what: 'addresses', pattern: /\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, place: '<address>' },
  { what: 'addresses', pattern: /\b[\w-]+(?:\.[\w-]+)+:\d{2,5}\b/g, place: '<address>' },
  { what: 'values', pattern: /"[^"\n]{0,300}"|'[^'\n]{0,300}'|`[^`\n]{0,300}`/g, place: '<text>' },
  { what: 'files', pattern: /(?:\.{0,2}\/)?\b[\w.@+=-]+(?:\/[\w.@+=%-]+)+\b/g, place: '<path>' },
  {
    what: 'files',
    pattern: /\b[\w.-]*[\w-]\.(?:csv|json|ndjson|xml|txt|gz|zip|parquet|avro|xlsx?|pdf|png|jpe?g|tmp|log)\b/gi,
    place: '<path>',
  },
  { what: 'ids', pattern: /\b0x[0-9a-f]+\b/gi, place: '<id>' },
  { what: 'ids', pattern: /\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,}\b/gi, place: '<id>' },
  { what: 'ids', pattern: /\b(?=\w*\d)(?=\w*[A-Za-z])[A-Za-z0-9_]{16,}\b/g, place: '<id>' },
  { what: 'ids', pattern: /\b[A-Z]{2,}[-_]?(?:[A-Z0-9]{1,8}[-_])*\d{2,}[A-Z0-9]*\b/g, place: '<id>' },
  { what: 'ids', pattern: /\b[A-Z]+-\d{2,}\b/g, place: '<id>' },
  { what: 'numbers', pattern: /(?<![A-Za-z])[-+]?\d+(?:[.,]\d+)*(?:e[-+]?\d+)?/g, place: '<n>' },
  { what: 'numbers', pattern: /\d+/g, place: '<n>' },
  { what: 'lists', pattern: /(<\w+>)(?:\s*[,;]\s*\1)+/g, place: '$1' },
  { what: 'plurals', pattern: /(<n> \w+?)s?\b(?= (?:was|were|is|are|has|have|failed|could)\b)/g, place: '$1' },
];

/** Words after which a word in quotes is a name in the program or the data's form. */
const NAMED =
  /\b(KeyError|reading|setting|read|property|properties|field|fields|column|key|keyword|parameter|param|attribute|module|package|function|method|table|index|header|argument|member|variable|element|enum|type|class|operation|action|service|event|state|path|token|instance of|schema|required|missing|missing required|unknown|expected|export|named|evaluating|in evaluating|environment variable|not found in module|find module)(:? ?\(?)(["'`])([\w.$@/[\]{}<>=,:;^|-]{1,60})\3/gi;

/** Numbers that say what happened: an HTTP status, an exit code, an error number. */
const TELLING =
  /\b(status code|statuscode|status|http|code|errno|error|exit code|exited with|signal|sqlstate|ora|response|returned|responded with)([ :=-]{1,3}|\/\d\.\d )(\d{1,5})\b(?![.,]?\d|-\d)/gi;

/** Stand in for what stays while the rest is masked; nothing in an error looks like them. */
const OPEN = '\u0001';
const CLOSE = '\u0002';

const keep = (kept: string[], text: string): string => `${OPEN}${letters(kept.push(text) - 1)}${CLOSE}`;

/** A number in letters, so that no mask for digits takes it. */
const letters = (index: number): string => [...String(index)].map((digit) => 'ABCDEFGHIJ'[Number(digit)]).join('');
const numberOf = (text: string): number => Number([...text].map((letter) => 'ABCDEFGHIJ'.indexOf(letter)).join(''));

/** Bodies of errors are long; what they are shows early. */
const LENGTH_MAX = 300;

/** Anybody can write any error: masks look at many beginnings of a word, and their time grows with its square. */
const MASKED_LENGTH_MAX = 1_000;

/** The beginning of a line, up to the end of a word where there is one near. */
const beginningOf = (line: string): string => {
  if (line.length <= MASKED_LENGTH_MAX) return line;
  const beginning = line.slice(0, MASKED_LENGTH_MAX);
  return beginning.replace(/(?<=\s)\S{1,100}$/, '');
};

/** A text without what differs, and what that was. */
export interface Masked {
  readonly text: string;
  readonly masked: readonly string[];
}

export const mask = (line: string): Masked => {
  const kept: string[] = [];
  const masked = new Set<string>();
  let text = beginningOf(line)
    .replace(NAMED, (_, word: string, between: string, quote: string, name: string) => {
      return `${word}${between}${keep(kept, `${quote}${name}${quote}`)}`;
    })
    .replace(TELLING, (_, word: string, between: string, number: string) => `${word}${between}${keep(kept, number)}`);
  for (const { what, pattern, place } of MASKS) {
    const after = text.replace(pattern, place);
    if (after !== text) masked.add(what);
    text = after;
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are the marks that are taken out again.
  const whole = text.replace(/\u0001([A-J]+)\u0002/g, (_, index: string) => kept[numberOf(index)] ?? '');
  return { text: whole.replaceAll(/\s+/g, ' ').trim().slice(0, LENGTH_MAX), masked: [...masked] };
};
