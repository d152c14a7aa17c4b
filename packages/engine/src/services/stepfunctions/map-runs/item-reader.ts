import {
  type Json,
  type JsonObject,
  notSupported,
  type RequestContext,
  type ServiceEnvironment,
} from '../../../core/index.ts';
import type { StateNode } from '../definition/program.ts';
import { StateFailure } from '../language/errors.ts';
import { fillExpressions, fillTemplate, type Scope } from '../language/scope.ts';
import { numberOf } from '../running/processing.ts';
import { readCsv } from './csv.ts';
import { inHashOrder } from './hash-order.ts';

/** What an `ItemReader` says, with everything in it worked out. */
export interface ReaderPlan {
  readonly resource: string;
  readonly parameters: JsonObject;
  readonly config: JsonObject;
  readonly maxItems: number | undefined;
}

const SEPARATORS: Readonly<Record<string, string>> = {
  COMMA: ',',
  PIPE: '|',
  SEMICOLON: ';',
  SPACE: ' ',
  TAB: '\t',
};

const unreadable = (cause: string): StateFailure => new StateFailure('States.ItemReaderFailed', cause);

export const planReader = (node: StateNode, scope: Scope): ReaderPlan => {
  const reader = node.fields.ItemReader as JsonObject;
  const config = (reader.ReaderConfig ?? {}) as JsonObject;
  const isJsonata = node.language === 'JSONata';
  const given = (isJsonata ? reader.Arguments : reader.Parameters) ?? {};
  const parameters = isJsonata ? fillExpressions(given, scope, 'ItemReader/Arguments') : fillTemplate(given, scope);
  const maxItems = numberOf({ ...node, fields: config }, 'MaxItems', scope);
  return { resource: reader.Resource as string, parameters: parameters as JsonObject, config, maxItems };
};

/** Reads what a distributed map goes through from S3. @throws StateFailure */
export const readItems = (
  plan: ReaderPlan,
  environment: ServiceEnvironment,
  context: RequestContext,
): readonly Json[] => {
  if (plan.maxItems !== undefined && plan.maxItems < 0) throw unreadable('field MaxItems must be positive');
  const limit = plan.maxItems === undefined || plan.maxItems === 0 ? Number.POSITIVE_INFINITY : plan.maxItems;
  const action = plan.resource.split(':').at(-1);
  const all = action === 'listObjectsV2' ? listObjects(plan, environment, context) : readObject(plan, environment);
  return all.length > limit ? all.slice(0, limit) : all;
};

const listObjects = ({ parameters }: ReaderPlan, environment: ServiceEnvironment, context: RequestContext): Json[] => {
  const items: Json[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = environment.call('s3', 'ListObjectsV2', { ...parameters, ContinuationToken }, context) as {
      readonly Contents?: readonly {
        Key?: string;
        ETag?: string;
        LastModified?: Date;
        Size?: number;
        StorageClass?: string;
      }[];
      readonly NextContinuationToken?: string;
    };
    for (const { Key, ETag, LastModified, Size, StorageClass } of page.Contents ?? []) {
      items.push({
        Etag: ETag ?? null,
        Key: Key ?? null,
        LastModified: (LastModified?.getTime() ?? 0) / 1_000,
        Size: Size ?? 0,
        StorageClass: StorageClass ?? 'STANDARD',
      });
    }
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  return items;
};

const readObject = ({ parameters, config }: ReaderPlan, environment: ServiceEnvironment): readonly Json[] => {
  const bytes = environment.objects.read(String(parameters.Bucket), String(parameters.Key));
  if (bytes === undefined) throw unreadable('The specified key does not exist.');
  const text = new TextDecoder().decode(bytes);
  switch (config.InputType) {
    case 'CSV':
      return csvItems(text, config);
    case 'JSON':
      return jsonItems(text, config);
    case 'JSONL':
      return text
        .split('\n')
        .filter((line) => line.trim() !== '')
        .map((line) => parsed(line));
    default:
      throw notSupported(`an ItemReader with the input type ${String(config.InputType)}`);
  }
};

const parsed = (text: string): Json => {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw unreadable('Attempting to map over invalid JSON.');
  }
};

/** `ItemsPath` has no say here: it is about the state's input. `ItemsPointer` leads to a list within the file. */
const jsonItems = (text: string, { ItemsPointer: pointer = '' }: JsonObject): readonly Json[] => {
  let value = parsed(text) as Json | undefined;
  for (const step of String(pointer).split('/').slice(1)) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
    const isInside = typeof value === 'object' && value !== null && Object.hasOwn(value, name);
    value = isInside ? ((value as JsonObject)[name] as Json) : undefined;
  }
  if (!Array.isArray(value)) throw unreadable('Attempting to map over non-iterable node.');
  return value;
};

const csvItems = (text: string, config: JsonObject): readonly Json[] => {
  const rows = readCsv(text, SEPARATORS[(config.CSVDelimiter as string | undefined) ?? 'COMMA'] ?? ',');
  const isGiven = config.CSVHeaderLocation === 'GIVEN';
  const headers = isGiven ? ((config.CSVHeaders ?? []) as readonly string[]) : (rows.shift() ?? []);
  if (new Set(headers).size < headers.length) throw unreadable('CSV headers cannot contain duplicates.');
  const columns = inHashOrder(headers).map((header) => [header, headers.indexOf(header)] as const);
  return rows.map((row) => Object.fromEntries(columns.map(([header, at]) => [header, row[at] ?? ''])));
};
