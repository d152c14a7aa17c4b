import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, extname, resolve } from 'node:path';
import { includedBy, loadYamlFor, parseTemplate } from '@holdfast/cloudformation';
import { isObject, type Json, type JsonObject } from '@holdfast/engine';
import { InvalidInputError } from '@holdfast/kernel';
import { zipSync } from 'fflate';
import { ASSET_BUCKET, type DeployTarget, fillPlaceholders, httpsUrl } from './deploy-target.ts';
import { ensureBucket, publishObject } from './publish-assets.ts';
import { ZIP_OPTIONS, zipDirectory } from './zip-directory.ts';

/** How a property that names local files has to name them in S3. */
type Location = (bucket: string, key: string, target: DeployTarget) => Json;

const asUri: Location = (bucket, key) => `s3://${bucket}/${key}`;
const asCode: Location = (S3Bucket, S3Key) => ({ S3Bucket, S3Key });
const asObject: Location = (Bucket, Key) => ({ Bucket, Key });
const asUrl: Location = (bucket, key, target) => httpsUrl(`s3://${bucket}/${key}`, target);

interface Artifact {
  readonly property: string;
  /** Code travels as an archive whatever it is; a document as it is; a template after its own files. */
  readonly kind: 'code' | 'document' | 'template';
  readonly location: Location;
}

const CODE_URI: Artifact = { property: 'CodeUri', kind: 'code', location: asUri };

/** A part of a template that stands in a file of its own. */
const INCLUDED: Artifact = { property: 'Location', kind: 'document', location: asUri };

/** @see https://docs.aws.amazon.com/cli/latest/reference/cloudformation/package.html */
const ARTIFACTS: Readonly<Record<string, Artifact>> = {
  'AWS::CloudFormation::Stack': { property: 'TemplateURL', kind: 'template', location: asUrl },
  'AWS::Lambda::Function': { property: 'Code', kind: 'code', location: asCode },
  'AWS::Lambda::LayerVersion': { property: 'Content', kind: 'code', location: asCode },
  'AWS::Serverless::Function': CODE_URI,
  'AWS::Serverless::LayerVersion': { property: 'ContentUri', kind: 'code', location: asUri },
  'AWS::Serverless::StateMachine': { property: 'DefinitionUri', kind: 'document', location: asObject },
  'AWS::StepFunctions::StateMachine': { property: 'DefinitionS3Location', kind: 'document', location: asObject },
};

const membersOf = (value: unknown): JsonObject => (isObject(value) ? (value as JsonObject) : {});

const isLocal = (value: Json | undefined): value is string =>
  typeof value === 'string' && !/^(s3|https?):\/\//.test(value);

/** Where the files of a template come from and go to. */
class TemplateFiles {
  readonly #target: DeployTarget;
  readonly #bucket: string;
  readonly #published = new Map<string, string>();
  #bucketReady: Promise<void> | undefined;

  constructor(target: DeployTarget, bucket: string) {
    this.#target = target;
    this.#bucket = bucket;
  }

  /** The template with what is local in it uploaded; `undefined` when nothing is. */
  async packaged(body: string, directory: string): Promise<string | undefined> {
    await loadYamlFor(body);
    const template = parseTemplate(body);
    const globals = membersOf(template['Globals']);
    const shared = membersOf(globals['Function']);
    let isChanged = false;
    const put = async (owner: string, given: JsonObject, artifact: Artifact): Promise<JsonObject> => {
      const value = given[artifact.property];
      if (!isLocal(value)) return given;
      isChanged = true;
      const at = `${owner}.${artifact.property}`;
      const key = await this.#publish(at, value, resolve(directory, value), artifact);
      return { ...given, [artifact.property]: artifact.location(this.#bucket, key, this.#target) };
    };
    const included = async (value: Json): Promise<Json> => {
      if (Array.isArray(value)) return Promise.all((value as readonly Json[]).map(included));
      if (!isObject(value)) return value;
      const location = includedBy(value);
      if (!isLocal(location)) {
        const members = Object.entries(value).map(async ([name, inner]) => [name, await included(inner)]);
        return Object.fromEntries(await Promise.all(members));
      }
      isChanged = true;
      const key = await this.#publish('AWS::Include.Location', location, resolve(directory, location), INCLUDED);
      return { ...value, Parameters: { Location: INCLUDED.location(this.#bucket, key, this.#target) } };
    };
    const resources: Record<string, Json> = {};
    const given = membersOf(await included(membersOf(template['Resources'])));
    for (const [logicalId, resource] of Object.entries(given)) {
      const { Type, Properties } = membersOf(resource);
      const artifact = ARTIFACTS[String(Type)];
      const own = withDefaultCode(String(Type), membersOf(Properties), shared);
      const properties = artifact === undefined ? own : await put(logicalId, own, artifact);
      if (artifact?.kind === 'code') checkBuilt(logicalId, directory, own, shared);
      resources[logicalId] =
        properties === Properties ? (resource as Json) : { ...membersOf(resource), Properties: properties };
    }
    const packagedShared = await put('Globals.Function', shared, CODE_URI);
    if (!isChanged) return undefined;
    const Globals = { ...globals, Function: packagedShared };
    return JSON.stringify({ ...template, ...(packagedShared === shared ? {} : { Globals }), Resources: resources });
  }

  async #publish(field: string, value: string, path: string, { kind }: Artifact): Promise<string> {
    const place = `${kind} ${path}`;
    const known = this.#published.get(place);
    if (known !== undefined) return known;
    if (!existsSync(path)) throw new InvalidInputError(field, value, `names no file or directory: ${path}`);
    const body = await this.#contentOf(field, value, path, kind);
    const digest = createHash('sha256').update(body).digest('hex');
    const key = kind === 'code' ? `${digest}.zip` : `${digest}${extname(path)}`;
    this.#bucketReady ??= ensureBucket(this.#target, this.#bucket);
    await this.#bucketReady;
    await publishObject(this.#target, this.#bucket, key, () => body);
    this.#published.set(place, key);
    return key;
  }

  async #contentOf(field: string, value: string, path: string, kind: Artifact['kind']): Promise<Uint8Array> {
    const isDirectory = statSync(path).isDirectory();
    if (kind === 'code') {
      if (isDirectory) return zipDirectory(path, NO_CODE);
      const bytes = readFileSync(path);
      return isArchive(bytes) ? bytes : zipSync({ [basename(path)]: bytes }, ZIP_OPTIONS);
    }
    if (isDirectory) throw new InvalidInputError(field, value, 'is a directory, and must be a file');
    if (kind === 'document') return readFileSync(path);
    const body = readFileSync(path, 'utf8');
    return Buffer.from((await this.packaged(body, dirname(path))) ?? body);
  }
}

/** What lies beside a template and is no code: `CodeUri: .` is common. */
const NO_CODE = ['.git', '.aws-sam', '.holdfast', 'cdk.out'];

/** Jar files are archives too. */
const isArchive = (bytes: Uint8Array): boolean => bytes[0] === 0x50 && bytes[1] === 0x4b;

/** SAM takes the directory of the template where a function says nothing of its code. */
const withDefaultCode = (type: string, properties: JsonObject, shared: JsonObject): JsonObject => {
  if (type !== 'AWS::Serverless::Function' || (properties['PackageType'] ?? shared['PackageType']) === 'Image') {
    return properties;
  }
  const isSaid = ['CodeUri', 'InlineCode', 'ImageUri'].some((name) => name in properties || name in shared);
  return isSaid ? properties : { ...properties, CodeUri: '.' };
};

const MODULES = ['.js', '.mjs', '.cjs'];

/** TypeScript that nobody has compiled would be found out at the first invocation only. */
const checkBuilt = (logicalId: string, directory: string, own: JsonObject, shared: JsonObject): void => {
  const { Handler, Runtime, CodeUri, Code = CodeUri }: JsonObject = { ...shared, ...own };
  if (typeof Handler !== 'string' || !isLocal(Code) || !String(Runtime).startsWith('nodejs')) return;
  const module = resolve(directory, Code, Handler.slice(0, Handler.lastIndexOf('.')));
  const isThere = (extensions: readonly string[]): boolean => extensions.some((end) => existsSync(`${module}${end}`));
  if (isThere(MODULES) || !isThere(['.ts', '.mts', '.cts'])) return;
  throw new InvalidInputError(
    `${logicalId}.Handler`,
    Handler,
    'is TypeScript that is not compiled; run "sam build", and name .aws-sam/build/template.yaml',
  );
};

/**
 * Uploads the code, layers, definitions and nested templates that a template names by local paths, and names them in S3
 * instead, as `aws cloudformation package` and `sam package` do. Keys are digests of the content.
 *
 * @param directory - what paths are relative to
 * @returns the template as JSON, or as it was when nothing in it is local
 * @throws InvalidInputError naming resource, property and path when there is no such file, or its code is not compiled
 */
export const packageTemplate = async (target: DeployTarget, body: string, directory: string): Promise<string> => {
  const files = new TemplateFiles(target, fillPlaceholders(ASSET_BUCKET, target));
  return (await files.packaged(body, directory)) ?? body;
};
