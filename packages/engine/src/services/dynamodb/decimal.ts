import { invalid } from './errors.ts';

/**
 * DynamoDB's numbers: up to 38 significant digits, magnitudes from 1E-130 to 9.99E+125, exact.
 *
 * They travel and rest as text. `normaliseNumber` gives the one text per value, so that equality is equality of
 * text; arithmetic goes through integers scaled by a power of ten.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
 */
export interface Decimal {
  readonly isNegative: boolean;
  /** Significant digits without leading or trailing zeros; empty for zero. */
  readonly digits: string;
  /** Of the first digit in scientific notation: 1 in 12.5, -2 in 0.05. */
  readonly exponent: number;
}

export const NUMBER_DIGITS_MAX = 38;
const EXPONENT_MAX = 125;
const EXPONENT_MIN = -130;

const ZERO: Decimal = { isNegative: false, digits: '', exponent: 0 };
const SMALL_INTEGER = /^(?:0|-?[1-9]\d{0,14})$/;
const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

/** Reads number text; `undefined` when it is none. */
export const parseDecimal = (text: string): Decimal | undefined => {
  const match = NUMBER.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', power] = match;
  if (whole === '' && fraction === '') return undefined;
  const all = whole + fraction;
  const first = all.search(/[1-9]/);
  if (first < 0) return ZERO;
  return {
    isNegative: sign === '-',
    digits: all.slice(first).replace(/0+$/, ''),
    exponent: whole.length - 1 - first + (power === undefined ? 0 : Number(power)),
  };
};

/** Plain notation without exponent, superfluous zeros or a plus sign. */
export const formatDecimal = ({ isNegative, digits, exponent }: Decimal): string => {
  if (digits === '') return '0';
  const sign = isNegative ? '-' : '';
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  if (digits.length <= exponent + 1) return sign + digits + '0'.repeat(exponent + 1 - digits.length);
  return `${sign}${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
};

const checkRange = (decimal: Decimal): void => {
  if (decimal.digits === '') return;
  if (decimal.exponent > EXPONENT_MAX) {
    throw invalid('Number overflow. Attempting to store a number with magnitude larger than supported range');
  }
  if (decimal.exponent < EXPONENT_MIN) {
    throw invalid('Number underflow. Attempting to store a number with magnitude smaller than supported range');
  }
};

/**
 * The one text of a number: `1.0`, `+1` and `1e0` all become `1`.
 *
 * @throws ServiceError when it is no number or does not fit
 */
export const normaliseNumber = (text: string): string => {
  if (SMALL_INTEGER.test(text)) return text;
  if (text === '') throw invalid('The parameter cannot be converted to a numeric value');
  const decimal = parseDecimal(text);
  if (decimal === undefined) throw invalid(`The parameter cannot be converted to a numeric value: ${text}`);
  checkRange(decimal);
  if (decimal.digits.length > NUMBER_DIGITS_MAX) {
    throw invalid('Attempting to store more than 38 significant digits in a Number');
  }
  return formatDecimal(decimal);
};

const parsed = (text: string): Decimal => parseDecimal(text) ?? ZERO;

/** Exponent of the last digit. */
const scaleOf = (decimal: Decimal): number => decimal.exponent - decimal.digits.length + 1;

const scaled = (decimal: Decimal, scale: number): bigint => {
  if (decimal.digits === '') return 0n;
  const magnitude = BigInt(decimal.digits) * 10n ** BigInt(scaleOf(decimal) - scale);
  return decimal.isNegative ? -magnitude : magnitude;
};

/** Half up, to the digits that a number may have. */
const rounded = (decimal: Decimal): Decimal => {
  if (decimal.digits.length <= NUMBER_DIGITS_MAX) return decimal;
  const isUp = (decimal.digits[NUMBER_DIGITS_MAX] as string) >= '5';
  const kept = BigInt(decimal.digits.slice(0, NUMBER_DIGITS_MAX)) + (isUp ? 1n : 0n);
  const text = kept.toString();
  return {
    isNegative: decimal.isNegative,
    digits: text.replace(/0+$/, ''),
    exponent: decimal.exponent + text.length - NUMBER_DIGITS_MAX,
  };
};

/** Sum of two normalised numbers, normalised; results are rounded to 38 digits. */
export const addNumbers = (left: string, right: string): string => {
  if (SMALL_INTEGER.test(left) && SMALL_INTEGER.test(right)) return String(Number(left) + Number(right));
  const a = parsed(left);
  const b = parsed(right);
  if (a.digits === '') return formatDecimal(b);
  if (b.digits === '') return formatDecimal(a);
  const scale = Math.min(scaleOf(a), scaleOf(b));
  const sum = scaled(a, scale) + scaled(b, scale);
  if (sum === 0n) return '0';
  const isNegative = sum < 0n;
  const text = (isNegative ? -sum : sum).toString();
  const result = rounded({ isNegative, digits: text.replace(/0+$/, ''), exponent: scale + text.length - 1 });
  checkRange(result);
  return formatDecimal(result);
};

export const negateNumber = (text: string): string =>
  text === '0' ? text : text.startsWith('-') ? text.slice(1) : `-${text}`;

/** Difference of two normalised numbers. */
export const subtractNumbers = (left: string, right: string): string => addNumbers(left, negateNumber(right));

const NINES = /\d/g;

/**
 * Text whose order as text is the order of the numbers: sign, exponent, digits; digits and exponent of negative
 * numbers are complemented.
 */
export const sortableNumber = (text: string): string => {
  const { isNegative, digits, exponent } = parsed(text);
  if (digits === '') return '1';
  if (!isNegative) return `2${exponent + 300}${digits}`;
  return `0${600 - exponent}${digits.replace(NINES, (digit) => String(9 - Number(digit)))}~`;
};

/** Up to this many characters a number's text is exact as a double. */
const EXACT_DOUBLE_CHARACTERS = 15;

/** Negative, zero or positive, as `Array.prototype.sort` wants it. Both sides normalised. */
export const compareNumbers = (left: string, right: string): number => {
  if (left === right) return 0;
  if (left.length <= EXACT_DOUBLE_CHARACTERS && right.length <= EXACT_DOUBLE_CHARACTERS) {
    return Number(left) - Number(right);
  }
  return sortableNumber(left) < sortableNumber(right) ? -1 : 1;
};

/** Bytes a normalised number counts for: half a byte per significant digit, plus exponent and sign. */
export const numberBytes = (text: string): number => {
  if (SMALL_INTEGER.test(text) && text.length < 3) return text === '0' ? 1 : text.startsWith('-') ? 3 : 2;
  const { isNegative, digits, exponent } = parsed(text);
  if (digits === '') return 1;
  const unpaired = digits.length % 2 === 1 || exponent % 2 !== 0 ? 0 : 1;
  return 1 + Math.ceil(digits.length / 2) + unpaired + (isNegative ? 1 : 0);
};
