import { makeArn } from '@holdfast/aws-model';
import { type Collection, Constraints, type RequestContext } from '../../core/index.ts';
import { alreadyExists, noSuchEntity } from './errors.ts';
import type { StoredEntity } from './stored.ts';

/** Told what is kept now and what was kept before: counts and indexes follow. */
export type OnChange<Entity> = (before: Entity | undefined, now: Entity | undefined) => void;

/** The roles, the users or the groups of all accounts; a change is stored as it is made. */
export class Entities<Entity extends StoredEntity> {
  /** As names of operations and members spell it. */
  readonly noun: 'Role' | 'User' | 'Group';
  readonly #byKey = new Map<string, Entity>();
  readonly #stored: Collection<Entity>;
  readonly #onChange: OnChange<Entity>;

  constructor(noun: 'Role' | 'User' | 'Group', stored: Collection<Entity>, onChange: OnChange<Entity>) {
    this.noun = noun;
    this.#stored = stored;
    this.#onChange = onChange;
    for (const [key, entity] of stored.entries()) {
      this.#byKey.set(key, entity);
      onChange(undefined, entity);
    }
  }

  /** Names differ by more than their case. */
  #key(account: string, name: string): string {
    return `${account}/${name.toLowerCase()}`;
  }

  /** As sentences and ARNs spell it. */
  get word(): string {
    return this.noun.toLowerCase();
  }

  arnOf(account: string, path: string, name: string): string {
    return makeArn('iam', '', account, `${this.word}${path}${name}`);
  }

  /** @throws EntityAlreadyExists */
  checkFree(account: string, name: string): void {
    if (this.find(account, name) !== undefined) throw alreadyExists(`${this.noun} with name ${name} already exists.`);
  }

  find(account: string, name: string): Entity | undefined {
    return this.#byKey.get(this.#key(account, name));
  }

  /** @throws NoSuchEntity */
  get({ account }: RequestContext, name: string | undefined): Entity {
    new Constraints().required(`${this.word}Name`, name).check('ValidationError');
    const entity = this.find(account, name as string);
    if (entity === undefined) throw noSuchEntity(`The ${this.word} with name ${name} cannot be found.`);
    return entity;
  }

  put(entity: Entity): void {
    const key = this.#key(entity.account, entity.name);
    this.#onChange(this.#byKey.get(key), entity);
    this.#byKey.set(key, entity);
    this.#stored.put(key, entity);
  }

  delete(entity: Entity): void {
    const key = this.#key(entity.account, entity.name);
    this.#onChange(this.#byKey.get(key), undefined);
    this.#byKey.delete(key);
    this.#stored.delete(key);
  }

  /** Sorted by name. */
  of({ account }: RequestContext, pathPrefix = '/'): Entity[] {
    return [...this.#byKey.values()]
      .filter((entity) => entity.account === account && entity.path.startsWith(pathPrefix))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}
