import type { JsonObject } from '@holdfast/engine';
import type { Digest } from '@holdfast/kernel';
import { expandTransform, transformsOf } from '../sam/transform.ts';
import { parseTemplate } from './parse-template.ts';
import { readTemplate, type Template } from './template.ts';

/** A template after its transforms, which it still names. */
export interface LoadedTemplate extends Template {
  readonly transforms: readonly string[];
  /** The whole of it, transforms applied. */
  readonly processed: JsonObject;
}

/** A template from its text, transforms applied. */
export const loadTemplate = (text: string, digest: Digest): LoadedTemplate => {
  const body = parseTemplate(text);
  const processed = expandTransform(body, digest);
  return { ...readTemplate(processed), transforms: transformsOf(body), processed };
};
