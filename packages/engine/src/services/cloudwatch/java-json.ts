/** A number that AWS writes as Java writes a double: `2.0`, `0.5`, `1.0E7`. */
export class Double {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }

  toString(): string {
    const { value } = this;
    if (value === 0) return '0.0';
    const magnitude = Math.abs(value);
    if (magnitude >= 1e-3 && magnitude < 1e7) return Number.isInteger(value) ? `${value}.0` : String(value);
    const [mantissa = '', exponent = ''] = value.toExponential().split('e');
    return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}E${Number(exponent)}`;
  }
}

/** A value that is JSON text already, and stays as it was written. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** JSON in which every {@link Double} keeps its form; members that are `undefined` are left out. */
export const javaJson = (value: unknown): string => {
  if (value instanceof Double) return value.toString();
  if (value instanceof JsonText) return value.text;
  if (Array.isArray(value)) return `[${value.map(javaJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${javaJson(member)}`).join(',')}}`;
};

/** `2019-10-02T17:04:40.985+0000` */
export const javaTimestamp = (at: number): string => new Date(at).toISOString().replace('Z', '+0000');
