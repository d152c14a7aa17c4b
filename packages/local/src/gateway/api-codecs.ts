import {
  type ApiCodec,
  type ApiCodecs,
  ApiInputError,
  instantText,
  type Json,
  type JsonObject,
  notSupported,
  type ServiceDescriptor,
} from '@holdfast/engine';
import { identityOf, membersOf, parseTimestamp, type Shape } from './codec/shape.ts';
import { formProblem } from './output-form.ts';
import { modelOf, type ServiceModel } from './service-model.ts';

/** Codecs for calls between services, by the models of the SDK's packages; each is loaded when it is first needed. */
export class ModelCodecs implements ApiCodecs {
  readonly #services: readonly ServiceDescriptor[];
  readonly #models = new Map<string, ServiceModel>();
  readonly #codecs = new Map<string, ApiCodec>();
  readonly #loading = new Set<Promise<unknown>>();

  constructor(services: readonly ServiceDescriptor[]) {
    this.#services = services;
  }

  codecOf(serviceId: string, action: string): ApiCodec | Promise<ApiCodec> {
    const model = this.#models.get(serviceId);
    if (model !== undefined) return this.#codec(model, action);
    const service = this.#services.find(({ id }) => id === serviceId);
    if (service === undefined) throw notSupported(`${serviceId} ${action}`);
    const loading = service.sdk().then((sdk) => {
      const loaded = this.#models.get(serviceId) ?? modelOf(service, sdk);
      this.#models.set(serviceId, loaded);
      return this.#codec(loaded, action);
    });
    this.#loading.add(loading);
    const done = () => this.#loading.delete(loading);
    loading.then(done, done);
    return loading;
  }

  exceptionOf(serviceId: string, code: string): string | undefined {
    const errors = this.#models.get(serviceId)?.errors;
    if (errors === undefined) return undefined;
    const byQueryCode = () => [...errors.values()].find(({ queryCode }) => queryCode === code)?.name;
    return errors.get(code)?.name ?? byQueryCode();
  }

  get isLoading(): boolean {
    return this.#loading.size > 0;
  }

  /** Resolves when no model is being loaded: virtual time must not pass meanwhile. */
  async settled(): Promise<void> {
    while (this.#loading.size > 0) await Promise.allSettled(this.#loading);
  }

  #codec(model: ServiceModel, action: string): ApiCodec {
    const key = `${model.id}.${action}`;
    let codec = this.#codecs.get(key);
    if (codec === undefined) {
      const operation = model.operations.get(action);
      if (operation === undefined) throw notSupported(`${model.id} ${action}`);
      codec = {
        read: (input) => readValue(operation.input, input, '') as object,
        write: (output) => writeValue(operation.output, output ?? {}) as JsonObject,
        outputProblem: (output, asksForRequired) => formProblem(operation.output, output, '', asksForRequired),
      };
      this.#codecs.set(key, codec);
    }
    return codec;
  }
}

interface Members {
  readonly byName: ReadonlyMap<string, readonly [name: string, shape: Shape]>;
  readonly written: readonly (readonly [name: string, as: string, shape: Shape])[];
}

const membersByShape = new WeakMap<object, Members>();

const capitalised = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

const membersFor = (shape: Shape): Members => {
  const identity = identityOf(shape) as object;
  let members = membersByShape.get(identity);
  if (members === undefined) {
    const all = membersOf(shape);
    members = {
      byName: new Map(all.map((member) => [capitalised(member[0]), member])),
      written: all.map(([name, member]) => [name, capitalised(name), member]),
    };
    membersByShape.set(identity, members);
  }
  return members;
};

const invalid = (at: string): ApiInputError =>
  new ApiInputError([`The value of the field '${at}' has an invalid format`]);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const readStructure = (shape: Shape, value: unknown, at: string): unknown => {
  if (!isObject(value)) throw invalid(at);
  const { byName } = membersFor(shape);
  const read: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, given] of Object.entries(value)) {
    const member = byName.get(capitalised(name));
    if (member === undefined) {
      problems.push(`The field '${name}' is not supported`);
      continue;
    }
    if (given === null || given === undefined) continue;
    try {
      read[member[0]] = readValue(member[1], given, name);
    } catch (error) {
      if (!(error instanceof ApiInputError)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length > 0) throw new ApiInputError(problems);
  return read;
};

const readValue = (shape: Shape, value: unknown, at: string): unknown => {
  if (shape.isStructSchema()) return readStructure(shape, value, at);
  if (shape.isListSchema()) {
    if (!Array.isArray(value)) throw invalid(at);
    return value.map((item) => readValue(shape.getValueSchema() as Shape, item, at));
  }
  if (shape.isMapSchema()) {
    if (!isObject(value)) throw invalid(at);
    const item = shape.getValueSchema() as Shape;
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, readValue(item, entry, key)]));
  }
  if (shape.isBlobSchema()) {
    return new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
  }
  if (shape.isTimestampSchema()) {
    const date = typeof value === 'number' || typeof value === 'string' ? parseTimestamp(value) : undefined;
    if (date === undefined) throw invalid(at);
    return date;
  }
  if (shape.isNumericSchema()) {
    if (typeof value !== 'number') throw invalid(at);
    return value;
  }
  if (shape.isBooleanSchema()) {
    if (typeof value !== 'boolean') throw invalid(at);
    return value;
  }
  if (shape.isStringSchema()) {
    // Where a service takes text that is JSON, the JSON may be written as it is.
    if (typeof value === 'object') return JSON.stringify(value);
    if (typeof value !== 'string') throw invalid(at);
    return value;
  }
  return value;
};

const writeValue = (shape: Shape, value: unknown): Json => {
  if (value === undefined || value === null) return null;
  if (value instanceof Date) return instantText(value);
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (shape.isStructSchema()) {
    const written: Record<string, Json> = {};
    for (const [name, as, member] of membersFor(shape).written) {
      const given = (value as Record<string, unknown>)[name];
      if (given !== undefined && given !== null) written[as] = writeValue(member, given);
    }
    return written;
  }
  if (shape.isListSchema() && Array.isArray(value)) {
    return value.map((item) => writeValue(shape.getValueSchema() as Shape, item));
  }
  if (shape.isMapSchema()) {
    const item = shape.getValueSchema() as Shape;
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, writeValue(item, entry)]));
  }
  return value as Json;
};
