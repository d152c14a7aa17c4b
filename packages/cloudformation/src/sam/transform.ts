import { isObject, type Json, type JsonObject, notSupported } from '@holdfast/engine';
import type { Digest } from '@holdfast/kernel';
import { validationError } from '../errors.ts';
import { CONNECTOR, embeddedConnectors, expandConnector } from './connectors.ts';
import type { ExpandedEvent } from './events.ts';
import { type ExpandedFunction, expandFunction } from './function.ts';
import { withGlobals } from './globals.ts';
import { expandHttpApi, IMPLICIT_HTTP_API, usesImplicitHttpApi } from './http-api.ts';
import { authorizeRoute } from './http-api-auth.ts';
import { expandLayerVersion } from './layer-version.ts';
import { membersOf, type Resources } from './names.ts';
import { Refusals, refusal } from './refusal.ts';
import { expandSimpleTable } from './simple-table.ts';
import { expandStateMachine } from './state-machine.ts';

const SAM = 'AWS::Serverless-2016-10-31';

/** The transforms that a template declares. */
export const transformsOf = (body: JsonObject): readonly string[] => {
  const declared = body['Transform'];
  if (declared === undefined) return [];
  return (Array.isArray(declared) ? (declared as readonly Json[]) : [declared]).map((one) =>
    typeof one === 'string' ? one : JSON.stringify(one),
  );
};

/** Adds what functions want to hear of a bucket to the bucket, and lets it wait for their permissions. */
const notify = (
  resources: Resources,
  { bucketId, entries }: NonNullable<ExpandedEvent['notifications']>,
  permissionIds: readonly string[],
): void => {
  const bucket = resources[bucketId];
  if (bucket?.['Type'] !== 'AWS::S3::Bucket') {
    throw validationError(
      `Transform ${SAM} failed with: S3 events must reference an S3 bucket in the same template: ${bucketId}`,
    );
  }
  const properties = membersOf(bucket['Properties']);
  const configuration = membersOf(properties['NotificationConfiguration']);
  const known = configuration['LambdaConfigurations'] ?? [];
  const dependsOn = bucket['DependsOn'] ?? [];
  resources[bucketId] = {
    ...bucket,
    DependsOn: [
      ...new Set([...(typeof dependsOn === 'string' ? [dependsOn] : (dependsOn as readonly Json[])), ...permissionIds]),
    ],
    Properties: {
      ...properties,
      NotificationConfiguration: {
        ...configuration,
        LambdaConfigurations: [...(known as readonly Json[]), ...entries],
      },
    },
  };
};

/** Leads `<function>.Version`, `<function>.Alias` and layers to the resources behind them. */
const withPublished = (value: Json, published: ReadonlyMap<string, string>): Json => {
  if (Array.isArray(value)) return (value as readonly Json[]).map((item) => withPublished(item, published));
  if (!isObject(value)) return value;
  const target = typeof value['Ref'] === 'string' ? published.get(value['Ref']) : undefined;
  if (target !== undefined) return { Ref: target };
  const text = Array.isArray(value['Fn::Sub']) ? (value['Fn::Sub'][0] as Json) : value['Fn::Sub'];
  if (typeof text === 'string' && Object.keys(value).length === 1) {
    const led = text.replace(/\$\{([^!}]+)\}/g, (whole, name: string) => {
      const resource = published.get(name.trim());
      return resource === undefined ? whole : `\${${resource}}`;
    });
    const values = Array.isArray(value['Fn::Sub']) ? (value['Fn::Sub'][1] as Json) : undefined;
    return { 'Fn::Sub': values === undefined ? led : [led, withPublished(values, published)] };
  }
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withPublished(inner, published)]));
};

/** What the resources of a template become, one after the other. */
class Expansion {
  readonly resources: Resources = {};
  readonly functions: ExpandedFunction[] = [];
  /** Where references to what SAM names lead: `<function>.Alias`, a layer whose id has its content in it. */
  readonly published = new Map<string, string>();
  readonly auths: Resources = {};
  /** They lead to what the other resources have become. */
  readonly connectors: Resources = {};
  readonly #complete: (type: string, properties: JsonObject) => JsonObject;
  readonly #digest: Digest;

  constructor(complete: (type: string, properties: JsonObject) => JsonObject, digest: Digest) {
    this.#complete = complete;
    this.#digest = digest;
  }

  add(logicalId: string, given: JsonObject): void {
    const { resource, connectors } = embeddedConnectors(logicalId, given);
    Object.assign(this.connectors, connectors);
    const { Type = '', ...rest } = resource;
    const type = String(Type);
    if (type === CONNECTOR) {
      this.connectors[logicalId] = resource;
      return;
    }
    if (!type.startsWith('AWS::Serverless::')) {
      this.resources[logicalId] = resource;
      return;
    }
    const properties = this.#complete(type, membersOf(rest['Properties']));
    if (type === 'AWS::Serverless::Function') {
      this.#addFunction(expandFunction(logicalId, rest, properties, this.#digest), logicalId);
    } else if (type === 'AWS::Serverless::HttpApi') {
      this.auths[logicalId] = membersOf(properties['Auth']);
      this.#put(expandHttpApi(logicalId, rest, properties, this.#digest));
    } else if (type === 'AWS::Serverless::LayerVersion') {
      const { id, resources } = expandLayerVersion(logicalId, rest, properties, this.#digest);
      this.published.set(logicalId, id);
      this.#put(resources);
    } else if (type === 'AWS::Serverless::SimpleTable') {
      this.#put({ [logicalId]: expandSimpleTable(logicalId, rest, properties) });
    } else if (type === 'AWS::Serverless::StateMachine') {
      this.#put(expandStateMachine(logicalId, rest, properties));
    } else throw refusal(`the resource type ${type} (resource ${logicalId})`);
  }

  /** The API that routes mean which name none. */
  addImplicitApi(): void {
    if (!usesImplicitHttpApi(this.resources) || this.resources[IMPLICIT_HTTP_API] !== undefined) return;
    this.add(IMPLICIT_HTTP_API, { Type: 'AWS::Serverless::HttpApi' });
  }

  #addFunction(one: ExpandedFunction, logicalId: string): void {
    this.functions.push(one);
    this.#put(one.resources);
    if (one.published === undefined) return;
    this.published.set(`${logicalId}.Version`, one.published.version);
    this.published.set(`${logicalId}.Alias`, one.published.alias);
  }

  #put(resources: Resources): void {
    Object.assign(this.resources, resources);
  }
}

const expanded = ({ Transform: _, Globals, ...body }: JsonObject, digest: Digest): JsonObject => {
  const refusals = new Refusals();
  const complete = refusals.attempt(() => withGlobals(Globals)) ?? ((_type, properties) => properties);
  const expansion = new Expansion(complete, digest);
  for (const [logicalId, resource] of Object.entries(membersOf(body['Resources']))) {
    refusals.attempt(() => expansion.add(logicalId, membersOf(resource)));
  }
  refusals.attempt(() => expansion.addImplicitApi());
  const { resources, functions, published, auths, connectors } = expansion;
  for (const one of functions) {
    const permissionIds = Object.entries(one.resources)
      .filter(([, { Type, Properties }]) => {
        return Type === 'AWS::Lambda::Permission' && membersOf(Properties)['Principal'] === 's3.amazonaws.com';
      })
      .map(([id]) => id);
    for (const route of one.routes) refusals.attempt(() => authorizeRoute(resources, route, auths));
    for (const notifications of one.notifications) notify(resources, notifications, permissionIds);
  }
  refusals.answer();
  for (const [id, connector] of Object.entries(connectors)) expandConnector(id, connector, resources);
  return withPublished({ ...body, Resources: resources }, published) as JsonObject;
};

/**
 * Turns a template of the Serverless Application Model into plain CloudFormation; leaves others alone.
 *
 * @throws NotSupportedByHoldfast naming everything of SAM that is not modelled, or another transform
 * @see https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification.html
 */
export const expandTransform = (body: JsonObject, digest: Digest): JsonObject => {
  const transforms = transformsOf(body);
  if (transforms.length === 0) return body;
  const others = transforms.filter((name) => name !== SAM);
  if (others.length > 0) throw notSupported(`the transform ${others.join(', ')}`);
  return expanded(body, digest);
};
