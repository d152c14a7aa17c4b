import { utf8Bytes } from '@holdfast/kernel';
import type { Json, JsonObject } from './json.ts';
import type { RequestContext } from './operation.ts';

/**
 * Calls any action of any service by JSON, the way one AWS service calls another with what a customer wrote down
 * (Step Functions' `aws-sdk` tasks, EventBridge Scheduler's universal targets).
 */
export interface ApiCaller {
  /**
   * Member names begin with a capital letter on both sides, whatever the service's model says; blobs are text,
   * timestamps ISO 8601. Answers at once when it can: a promise means that the service has parked the call or that its
   * model is being loaded.
   *
   * @throws ServiceError as the service answers it; ApiInputError when the input does not fit the action
   */
  call(serviceId: string, action: string, input: JsonObject, context: RequestContext): JsonObject | Promise<JsonObject>;
  /** What is wrong with the form of an answer that was not given by the service; `undefined` when it could be one. */
  outputProblem(
    serviceId: string,
    action: string,
    output: Json,
    asksForRequired: boolean,
  ): string | undefined | Promise<string | undefined>;
  /** Whether the engine has this action. */
  knows(serviceId: string, action: string): boolean;
  /** The name of an error in the service's model, by its code; `undefined` when the model has no such error. */
  exceptionOf(serviceId: string, code: string): string | undefined;
}

/** Turns JSON into an action's input and its output into JSON. */
export interface ApiCodec {
  /** @throws ApiInputError */
  read(input: JsonObject): object;
  write(output: unknown): JsonObject;
  /** What is wrong with the form of an answer as `write` would give it; `asksForRequired`: nothing may be missing. */
  outputProblem(output: Json, asksForRequired: boolean): string | undefined;
}

/** Where codecs come from: the world has the services' models, tests do without. */
export interface ApiCodecs {
  codecOf(serviceId: string, action: string): ApiCodec | Promise<ApiCodec>;
  /** Of a service whose codecs have been asked for. */
  exceptionOf(serviceId: string, code: string): string | undefined;
}

/** What is wrong with the input of a call, problem by problem, e.g. `The field 'Nme' is not supported`. */
export class ApiInputError extends Error {
  override readonly name = 'ApiInputError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join(', '));
    this.problems = problems;
  }
}

/** As Java prints an instant: without the fraction of a second when there is none. */
export const instantText = (date: Date): string => date.toISOString().replace('.000Z', 'Z');

const capitalised = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

/** Calls `perform` with codecs around it. */
export const apiCaller = (
  codecs: ApiCodecs,
  perform: (serviceId: string, action: string, input: object, context: RequestContext) => unknown,
  knows: (serviceId: string, action: string) => boolean,
): ApiCaller => {
  const run = (codec: ApiCodec, ...[serviceId, action, input, context]: Parameters<ApiCaller['call']>) => {
    const output = perform(serviceId, action, codec.read(input), context);
    return output instanceof Promise ? output.then((settled) => codec.write(settled)) : codec.write(output);
  };
  return {
    call: (...call) => {
      const codec = codecs.codecOf(call[0], call[1]);
      return codec instanceof Promise ? codec.then((loaded) => run(loaded, ...call)) : run(codec, ...call);
    },
    outputProblem: (serviceId, action, ...answer) => {
      const codec = codecs.codecOf(serviceId, action);
      return codec instanceof Promise
        ? codec.then((loaded) => loaded.outputProblem(...answer))
        : codec.outputProblem(...answer);
    },
    knows,
    exceptionOf: (serviceId, code) => codecs.exceptionOf(serviceId, code),
  };
};

/** Members that are blobs, in services that tests call this way. */
const BLOB_MEMBERS: ReadonlySet<string> = new Set(['Payload', 'Data', 'Body', 'ClientContext']);
const SERVICES_WITH_BLOBS: ReadonlySet<string> = new Set(['lambda', 'kinesis', 's3']);
/** Services whose models begin member names with a small letter. */
const SMALL_LETTERS: ReadonlySet<string> = new Set(['logs', 'states']);

/** For tests, where no models are at hand: knows the few services by name that need more than a copy. */
export const plainCodecs: ApiCodecs = {
  exceptionOf: (_, code) => code,
  codecOf: (serviceId) => ({
    outputProblem: () => undefined,
    read: (input) =>
      Object.fromEntries(
        Object.entries(input).map(([name, value]) => {
          const member = SMALL_LETTERS.has(serviceId) ? name.charAt(0).toLowerCase() + name.slice(1) : name;
          const isBlob = SERVICES_WITH_BLOBS.has(serviceId) && BLOB_MEMBERS.has(name) && typeof value === 'string';
          return [member, isBlob ? utf8Bytes(value) : value];
        }),
      ),
    write: (output) => {
      const members = Object.entries((output ?? {}) as object).filter(([name]) => name !== '$metadata');
      return Object.fromEntries(members.map(([name, value]) => [capitalised(name), plainJson(value)]));
    },
  }),
};

const plainJson = (value: unknown): Json => {
  if (value === undefined || value === null) return null;
  if (value instanceof Date) return instantText(value);
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (Array.isArray(value)) return value.map(plainJson);
  if (typeof value !== 'object') return value as Json;
  const defined = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(defined.map(([name, member]) => [name, plainJson(member)]));
};
