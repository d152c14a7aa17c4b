import { isObject, type Json, type JsonObject, type MemberShapes, notSupported, type Shape } from '@holdfast/engine';
import { memberOf, setMember } from '@holdfast/kernel';
import { validationError } from './errors.ts';
import { intrinsicOf } from './template/intrinsics.ts';

const isList = (shape: Shape): shape is readonly [Shape] => Array.isArray(shape);

/** A `map` shape; a member of that name would be lower case, which no CloudFormation property is. */
const mapShapeOf = (shape: Exclude<Shape, string | readonly [Shape]>): Shape | undefined =>
  (shape as { readonly map?: Shape }).map;

/**
 * Paths of members in an unresolved value that its shape does not name. Looks into both branches of `Fn::If`; other
 * intrinsics are checked once resolved, by {@link coerce}.
 */
export const unmodelledMembers = (shape: Shape, value: Json, path: string): readonly string[] => {
  if (typeof shape === 'string') return [];
  const call = intrinsicOf(value);
  if (call !== undefined) {
    if (call[0] !== 'Fn::If' || !Array.isArray(call[1])) return [];
    return (call[1] as readonly Json[]).slice(1).flatMap((branch) => unmodelledMembers(shape, branch, path));
  }
  if (isList(shape)) {
    return Array.isArray(value)
      ? (value as readonly Json[]).flatMap((item, index) => unmodelledMembers(shape[0], item, `${path}/${index}`))
      : [];
  }
  if (!isObject(value)) return [];
  const ofMap = mapShapeOf(shape);
  return Object.entries(value).flatMap(([member, inner]) => {
    const innerShape = ofMap ?? memberOf(shape as MemberShapes, member);
    const innerPath = path === '' ? member : `${path}/${member}`;
    return innerShape === undefined ? [innerPath] : unmodelledMembers(innerShape, inner, innerPath);
  });
};

const mismatch = (path: string, expected: string, value: Json): Error =>
  validationError(
    `Properties validation failed: #/${path}: expected type: ${expected}, found: ${Array.isArray(value) ? 'JSONArray' : isObject(value) ? 'JSONObject' : typeof value}`,
  );

/**
 * Brings resolved properties into the types of their shape, as CloudFormation does: `"30"` where a number is meant
 * becomes 30, a number where text is meant becomes text. Unmodelled members that only appear now are refused.
 */
export const coerce = (shape: Shape, value: Json, path = ''): Json => {
  if (shape === 'json') return value;
  if (shape === 'string') {
    if (typeof value === 'object') throw mismatch(path, 'String', value);
    return String(value);
  }
  if (shape === 'number') {
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number !== 'number' || Number.isNaN(number)) throw mismatch(path, 'Number', value);
    return number;
  }
  if (shape === 'boolean') {
    if (value === true || value === 'true' || value === 'True') return true;
    if (value === false || value === 'false' || value === 'False') return false;
    throw mismatch(path, 'Boolean', value);
  }
  if (isList(shape)) {
    // A scalar where a list is meant stands for a list of one.
    const items = Array.isArray(value) ? (value as readonly Json[]) : isObject(value) ? undefined : [value];
    if (items === undefined) throw mismatch(path, 'JSONArray', value);
    return items.map((item, index) => coerce(shape[0], item, `${path}/${index}`));
  }
  if (!isObject(value)) throw mismatch(path, 'JSONObject', value);
  const ofMap = mapShapeOf(shape);
  const coerced: Record<string, Json> = {};
  for (const [member, inner] of Object.entries(value)) {
    const innerShape = ofMap ?? memberOf(shape as MemberShapes, member);
    const innerPath = path === '' ? member : `${path}/${member}`;
    if (innerShape === undefined) throw notSupported(`the property ${innerPath}`);
    setMember(coerced, member, coerce(innerShape, inner, innerPath));
  }
  return coerced as JsonObject;
};
