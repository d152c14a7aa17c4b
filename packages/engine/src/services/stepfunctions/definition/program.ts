import type { Json, JsonObject } from '../../../core/index.ts';

export type QueryLanguage = 'JSONPath' | 'JSONata';

/** A state as it is written down, with what follows from where it stands. */
export interface StateNode {
  readonly name: string;
  readonly type: string;
  readonly fields: JsonObject;
  readonly language: QueryLanguage;
}

/** States that lead to each other: a whole machine, a branch, or what a map does for each item. */
export interface Level {
  readonly startAt: string;
  readonly states: ReadonlyMap<string, StateNode>;
}

const SEPARATOR = '\u0000';

/** The key of a branch (or of a map's processor, branch 0) of a state. */
export const innerLevel = (level: string, state: string, branch: number): string =>
  `${level}${SEPARATOR}${state}${SEPARATOR}${branch}`;

export const TOP_LEVEL = '';

/** A definition, ready to be run. It has been validated. */
export class Program {
  readonly timeoutSeconds: number | undefined;
  readonly language: QueryLanguage;
  readonly #levels = new Map<string, Level>();

  constructor(definition: JsonObject) {
    this.timeoutSeconds = typeof definition.TimeoutSeconds === 'number' ? definition.TimeoutSeconds : undefined;
    this.language = (definition.QueryLanguage as QueryLanguage | undefined) ?? 'JSONPath';
    this.#read(TOP_LEVEL, definition);
  }

  level(key: string): Level {
    return this.#levels.get(key) as Level;
  }

  state(level: string, name: string): StateNode {
    return this.level(level).states.get(name) as StateNode;
  }

  #read(key: string, level: JsonObject): void {
    const states = new Map<string, StateNode>();
    for (const [name, fields] of Object.entries(level.States as Readonly<Record<string, JsonObject>>)) {
      const language = (fields.QueryLanguage as QueryLanguage | undefined) ?? this.language;
      states.set(name, { name, type: fields.Type as string, fields, language });
      for (const [branch, inner] of innerDefinitionsOf(fields).entries())
        this.#read(innerLevel(key, name, branch), inner);
    }
    this.#levels.set(key, { startAt: level.StartAt as string, states });
  }
}

/** Branches of a parallel state, or the processor of a map. */
export const innerDefinitionsOf = (fields: JsonObject): readonly JsonObject[] => {
  if (fields.Type === 'Parallel' && Array.isArray(fields.Branches)) return fields.Branches as readonly JsonObject[];
  const processor = fields.ItemProcessor ?? fields.Iterator;
  return fields.Type === 'Map' && isObject(processor) ? [processor] : [];
};

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
