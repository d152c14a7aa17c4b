import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidInputError } from '@holdfast/kernel';

/** A stack of a synthesised CDK app. */
export interface AssemblyStack {
  readonly stackName: string;
  readonly templateFile: string;
  /** With placeholders; `undefined` when the app's synthesizer does not publish templates. */
  readonly templateUrl: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly account: string | undefined;
  readonly region: string | undefined;
  /** SSM parameter that tells the version of the bootstrap stack. */
  readonly bootstrapParameter: string | undefined;
  readonly hasTerminationProtection: boolean;
}

/** A file or directory that the stacks refer to, and where they expect it. */
export interface FileAsset {
  readonly id: string;
  readonly path: string;
  readonly isDirectory: boolean;
  /** With placeholders. */
  readonly bucket: string;
  readonly key: string;
}

export interface CloudAssembly {
  /** Each after those it depends on. */
  readonly stacks: readonly AssemblyStack[];
  readonly assets: readonly FileAsset[];
}

interface Artifact {
  readonly type: string;
  readonly environment?: string;
  readonly dependencies?: readonly string[];
  readonly properties?: {
    readonly templateFile?: string;
    readonly stackName?: string;
    readonly stackTemplateAssetObjectUrl?: string;
    readonly tags?: Readonly<Record<string, string>>;
    readonly terminationProtection?: boolean;
    readonly bootstrapStackVersionSsmParameter?: string;
    readonly parameters?: Readonly<Record<string, string>>;
    readonly file?: string;
    readonly directoryName?: string;
  };
}

interface AssetManifest {
  readonly files?: Readonly<
    Record<
      string,
      {
        readonly source: { readonly path?: string; readonly packaging?: string; readonly executable?: unknown };
        readonly destinations: Readonly<Record<string, { readonly bucketName: string; readonly objectKey: string }>>;
      }
    >
  >;
  readonly dockerImages?: Readonly<Record<string, unknown>>;
}

const readJson = <Content>(path: string): Content => JSON.parse(readFileSync(path, 'utf8')) as Content;

const known = (part: string | undefined, unknown: string): string | undefined =>
  part === undefined || part === unknown ? undefined : part;

const stackOf = (id: string, artifact: Artifact, directory: string): AssemblyStack => {
  const { properties = {} } = artifact;
  const [, account, region] = /^aws:\/\/([^/]+)\/(.+)$/.exec(artifact.environment ?? '') ?? [];
  return {
    stackName: properties.stackName ?? id,
    templateFile: join(directory, properties.templateFile as string),
    templateUrl: properties.stackTemplateAssetObjectUrl,
    tags: properties.tags ?? {},
    account: known(account, 'unknown-account'),
    region: known(region, 'unknown-region'),
    bootstrapParameter: properties.bootstrapStackVersionSsmParameter,
    hasTerminationProtection: properties.terminationProtection === true,
  };
};

const assetsOf = (manifestFile: string, directory: string): readonly FileAsset[] => {
  const { files = {}, dockerImages = {} } = readJson<AssetManifest>(manifestFile);
  const [image] = Object.keys(dockerImages);
  if (image !== undefined)
    throw new InvalidInputError('assembly', image, 'is a container image, which is not supported');
  return Object.entries(files).flatMap(([id, { source, destinations }]) => {
    const { path } = source;
    if (path === undefined)
      throw new InvalidInputError('assembly', id, 'is an asset made by a command, which is not supported');
    return Object.values(destinations).map(({ bucketName, objectKey }) => ({
      id,
      path: join(directory, path),
      isDirectory: source.packaging === 'zip',
      bucket: bucketName,
      key: objectKey,
    }));
  });
};

/**
 * Reads what `cdk synth` wrote: stacks in the order in which they can be deployed, and their file assets.
 *
 * @throws InvalidInputError for container images and assets that are made by a command
 */
export const readCloudAssembly = (directory: string): CloudAssembly => {
  const { artifacts = {} } = readJson<{ artifacts?: Record<string, Artifact> }>(join(directory, 'manifest.json'));
  const stacks: AssemblyStack[] = [];
  const assets: FileAsset[] = [];
  const visited = new Set<string>();
  const visit = (id: string): void => {
    const artifact = artifacts[id];
    if (artifact === undefined || visited.has(id)) return;
    visited.add(id);
    for (const needed of artifact.dependencies ?? []) visit(needed);
    const { properties = {} } = artifact;
    if (artifact.type === 'aws:cloudformation:stack') stacks.push(stackOf(id, artifact, directory));
    else if (artifact.type === 'cdk:asset-manifest')
      assets.push(...assetsOf(join(directory, properties.file as string), directory));
    else if (artifact.type === 'cdk:cloud-assembly') {
      const nested = readCloudAssembly(join(directory, properties.directoryName as string));
      stacks.push(...nested.stacks);
      assets.push(...nested.assets);
    }
  };
  for (const id of Object.keys(artifacts)) visit(id);
  return { stacks, assets };
};
