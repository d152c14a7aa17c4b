import { isObject, type Json, type JsonObject, ResourceFailure } from '@holdfast/engine';

/** Performs an action as the stack would. */
type Call = <Output>(service: string, action: string, input: object) => Promise<Output>;

const REFERENCE = /\{\{resolve:([a-z-]+):([^{}]*)\}\}/g;

/** Services that values can be taken from. `ssm-secure` is for a few types that are not modelled. */
const SOURCES: ReadonlySet<string> = new Set(['ssm', 'secretsmanager']);

/** Names of services in dynamic references of a text, as far as they can be seen, that nothing can be taken from. */
export const unknownSources = (text: string): readonly string[] =>
  [...text.matchAll(/\{\{resolve:([a-z-]+)/g)].map(([, name]) => name as string).filter((name) => !SOURCES.has(name));

const fromParameter = async (path: string, call: Call): Promise<string> => {
  const { Parameter } = await call<{ Parameter: { Type: string; Value: string } }>('ssm', 'GetParameter', {
    Name: path,
  });
  if (Parameter.Type === 'SecureString') {
    throw new ResourceFailure(
      `Parameters [${path}] referenced by template have types not supported by CloudFormation.`,
    );
  }
  return Parameter.Value;
};

/** `id:SecretString:json-key:version-stage:version-id`, the id possibly an ARN; all but the id may be left out. */
const fromSecret = async (path: string, call: Call): Promise<string> => {
  const parts = path.split(':');
  const idParts = parts[0] === 'arn' ? 7 : 1;
  const SecretId = parts.slice(0, idParts).join(':');
  const [kind = 'SecretString', key = '', stage = '', version = ''] = parts.slice(idParts);
  if (kind !== '' && kind !== 'SecretString') {
    throw new ResourceFailure(`Incorrect format is used in the following Secrets Manager dynamic reference: [${path}]`);
  }
  const { SecretString } = await call<{ SecretString?: string }>('secretsmanager', 'GetSecretValue', {
    SecretId,
    ...(stage === '' ? {} : { VersionStage: stage }),
    ...(version === '' ? {} : { VersionId: version }),
  });
  if (SecretString === undefined) throw new ResourceFailure(`The secret ${SecretId} has no SecretString.`);
  if (key === '') return SecretString;
  let value: unknown;
  try {
    value = (JSON.parse(SecretString) as Record<string, unknown>)[key];
  } catch {
    throw new ResourceFailure('Could not parse SecretString JSON');
  }
  if (value === undefined) throw new ResourceFailure(`Could not find a value associated with JSONKey in SecretString`);
  return typeof value === 'string' ? value : JSON.stringify(value);
};

const resolveText = async (text: string, call: Call): Promise<string> => {
  let resolved = '';
  let end = 0;
  for (const match of text.matchAll(REFERENCE)) {
    const [whole, source, path = ''] = match;
    if (source !== 'ssm' && source !== 'secretsmanager') {
      throw new ResourceFailure(`Dynamic references to ${source} are not supported here: ${whole}`);
    }
    const value = await (source === 'ssm' ? fromParameter(path, call) : fromSecret(path, call));
    resolved += text.slice(end, match.index) + value;
    end = match.index + whole.length;
  }
  return resolved + text.slice(end);
};

const resolveValue = async (value: Json, call: Call): Promise<Json> => {
  if (typeof value === 'string') return value.includes('{{resolve:') ? resolveText(value, call) : value;
  if (Array.isArray(value)) return Promise.all(value.map((item) => resolveValue(item, call)));
  return isObject(value) ? resolveReferences(value, call) : value;
};

/**
 * Properties with the values that `{{resolve:…}}` names. What is stored of a resource keeps the references: a value
 * that changes elsewhere changes no resource, as on AWS.
 *
 * @throws ResourceFailure, ServiceError
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
 */
export const resolveReferences = async (properties: JsonObject, call: Call): Promise<JsonObject> => {
  if (!JSON.stringify(properties).includes('{{resolve:')) return properties;
  const entries = Object.entries(properties).map(
    async ([name, value]) => [name, await resolveValue(value, call)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
};
