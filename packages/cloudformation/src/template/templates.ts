import type { Digest } from '@holdfast/kernel';
import { checkTemplate, type ResourceTypes } from './check-template.ts';
import { type LoadedTemplate, loadTemplate } from './load-template.ts';

const REMEMBERED_MAX = 32;

/** Templates by their text: one deployment asks many times, and each is parsed, transformed and checked once. */
export class Templates {
  readonly #types: ResourceTypes;
  readonly #digest: Digest;
  readonly #loaded = new Map<string, LoadedTemplate>();
  readonly #checked = new WeakSet<LoadedTemplate>();

  constructor(types: ResourceTypes, digest: Digest) {
    this.#types = types;
    this.#digest = digest;
  }

  load(text: string): LoadedTemplate {
    const known = this.#loaded.get(text);
    if (known !== undefined) return known;
    const template = loadTemplate(text, this.#digest);
    this.#loaded.set(text, template);
    if (this.#loaded.size > REMEMBERED_MAX) {
      const [oldest] = this.#loaded.keys();
      this.#loaded.delete(oldest as string);
    }
    return template;
  }

  /** @throws ServiceError for whatever could not be deployed, see {@link checkTemplate} */
  check(text: string): LoadedTemplate {
    const template = this.load(text);
    if (!this.#checked.has(template)) {
      checkTemplate(template, this.#types);
      this.#checked.add(template);
    }
    return template;
  }
}
