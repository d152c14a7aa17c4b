import { isObject, type Json } from '@holdfast/engine';
import { validationError } from '../errors.ts';

/** `Logical.Attribute` of `Fn::GetAtt` and `Fn::Sub`; the attribute may contain dots. */
export const splitAttribute = (text: string): readonly [string, string] => {
  const dot = text.indexOf('.');
  return [text.slice(0, dot), text.slice(dot + 1)];
};

/** Whether the argument of a call can be one, and what AWS says when it cannot. */
type Form = readonly [isRight: (argument: Json) => boolean, text: string];

const listOf = (argument: Json, least: number, most = least): readonly Json[] | undefined =>
  Array.isArray(argument) && argument.length >= least && argument.length <= most
    ? (argument as readonly Json[])
    : undefined;

const isOneOf =
  (least: number, most = least) =>
  (argument: Json): boolean =>
    listOf(argument, least, most) !== undefined;

const isSelect = (argument: Json): boolean => {
  const [index, items] = listOf(argument, 2) ?? [null];
  const isIndex = isObject(index) || /^\d+$/.test(String(index));
  return isIndex && (isObject(items) || (Array.isArray(items) && (isObject(index) || Number(index) < items.length)));
};

const isGetAtt = (argument: Json): boolean => {
  const parts = typeof argument === 'string' ? splitAttribute(argument) : (listOf(argument, 2) ?? []);
  return parts.length === 2 && parts.every((part) => part !== '' && part !== null);
};

/** A delimiter, and what it is between; functions may give the latter. */
const isDelimited =
  (isOperand: (operand: Json | undefined) => boolean) =>
  (argument: Json): boolean => {
    const [delimiter, operand] = listOf(argument, 2) ?? [];
    return typeof delimiter === 'string' && (isObject(operand) || isOperand(operand));
  };

const isSub = (argument: Json): boolean => {
  const [text, variables] = typeof argument === 'string' ? [argument, {}] : (listOf(argument, 2) ?? []);
  return typeof text === 'string' && isObject(variables);
};

const manyConditions = (name: string): Form => [
  isOneOf(2, 10),
  `every ${name} object requires a list of at least 2 and at most 10 boolean parameters.`,
];

const FORMS: Readonly<Record<string, Form>> = {
  'Fn::And': manyConditions('Fn::And'),
  'Fn::Equals': [isOneOf(2), 'Fn::Equals requires a list argument with two elements'],
  'Fn::GetAtt': [
    isGetAtt,
    'every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute',
  ],
  'Fn::If': [isOneOf(3), 'Fn::If requires a list argument with three elements'],
  'Fn::Join': [
    isDelimited(Array.isArray),
    'every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined.',
  ],
  'Fn::Not': [isOneOf(1), 'Fn::Not requires a list argument with one element'],
  'Fn::Or': manyConditions('Fn::Or'),
  'Fn::Select': [isSelect, 'Fn::Select requires a list argument with two elements: an integer index and a list'],
  'Fn::Split': [
    isDelimited((operand) => typeof operand === 'string'),
    'every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be split or a function that returns a string to be split.',
  ],
  'Fn::Sub': [
    isSub,
    "One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a string as first argument, and an optional second argument to specify a mapping of values to replace in the string",
  ],
};

/** Refuses what can be seen to be wrong of a call before anything is known of its arguments. */
export const checkForm = (name: string, argument: Json): void => {
  const [isRight, text] = FORMS[name] ?? [];
  if (isRight?.(argument) === false) throw validationError(`Template error: ${text}`);
};
