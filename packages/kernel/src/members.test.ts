import { describe, expect, it } from 'vitest';
import { memberOf, setMember } from './members.ts';

/** Names that an object has before anybody gave it one. */
const INHERITED = Object.getOwnPropertyNames(Object.prototype);

describe('members by names that callers choose', () => {
  it.each(INHERITED)('%s is no member until it is set, and then one like any other', (name) => {
    const target: Record<string, unknown> = {};
    expect(memberOf(target, name)).toBeUndefined();
    setMember(target, name, 'mine');
    expect(memberOf(target, name)).toBe('mine');
    expect(Object.entries(target)).toEqual([[name, 'mine']]);
    expect(Object.getPrototypeOf(target)).toBe(Object.prototype);
    setMember(target, name, 'other');
    expect(JSON.stringify(target)).toBe(`{"${name}":"other"}`);
  });
});
