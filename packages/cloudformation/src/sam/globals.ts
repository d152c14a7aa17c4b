import { isObject, type Json, type JsonObject } from '@holdfast/engine';
import { memberOf, setMember } from '@holdfast/kernel';
import { validationError } from '../errors.ts';
import { intrinsicOf } from '../template/intrinsics.ts';
import { membersOf } from './names.ts';
import { refusal } from './refusal.ts';

/** Sections of `Globals`, and whose properties they are the defaults of. */
const SECTIONS: Readonly<Record<string, string>> = {
  'AWS::Serverless::Function': 'Function',
  'AWS::Serverless::HttpApi': 'HttpApi',
  'AWS::Serverless::SimpleTable': 'SimpleTable',
  'AWS::Serverless::StateMachine': 'StateMachine',
};

/** Sections for types that are refused themselves: without a resource of the type they say nothing. */
const FOR_REFUSED_TYPES = ['Api', 'CapacityProvider', 'WebSocketApi'];

/** Maps are merged, lists joined, everything else is the resource's own. */
const merged = (shared: Json, own: Json): Json => {
  if (Array.isArray(shared) && Array.isArray(own)) return [...shared, ...own];
  if (!isObject(shared) || !isObject(own)) return own;
  if (intrinsicOf(shared) !== undefined || intrinsicOf(own) !== undefined) return own;
  const result: Record<string, Json> = { ...shared };
  for (const [name, value] of Object.entries(own)) {
    const before = memberOf(shared, name);
    setMember(result, name, before === undefined ? value : merged(before, value));
  }
  return result;
};

/** Gives every resource the properties that `Globals` has for its type. */
export const withGlobals = (globals: Json | undefined): ((type: string, properties: JsonObject) => JsonObject) => {
  if (globals !== undefined && !isObject(globals)) {
    throw validationError("Transform AWS::Serverless-2016-10-31 failed with: 'Globals' section is invalid.");
  }
  const known = [...Object.values(SECTIONS), ...FOR_REFUSED_TYPES];
  const unknown = Object.keys(membersOf(globals)).filter((section) => !known.includes(section));
  if (unknown.length > 0) throw refusal(`the section ${unknown.join(', ')} of Globals`);
  return (type, properties) => {
    const section = memberOf(SECTIONS, type);
    const shared = section === undefined ? undefined : membersOf(globals)[section];
    return shared === undefined ? properties : (merged(shared, properties) as JsonObject);
  };
};
