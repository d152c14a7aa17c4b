import { expandTransform, transformsOf } from '../sam/transform.ts';
import { parseTemplate } from './parse-template.ts';
import { readTemplate, type Template } from './template.ts';

/** A template after its transforms, which it still names. */
export interface LoadedTemplate extends Template {
  readonly transforms: readonly string[];
}

/** A template from its text, transforms applied. */
export const loadTemplate = (text: string): LoadedTemplate => {
  const body = parseTemplate(text);
  return { ...readTemplate(expandTransform(body)), transforms: transformsOf(body) };
};
