import { describe, expect, it } from 'vitest';
import { MapStore } from '../../../map-store.ts';
import { TestEngine } from '../../../test-engine.ts';
import { LambdaBench } from '../lambda-bench.ts';

const ARN = 'arn:aws:lambda:us-east-1:000000000000:layer';

/** An archive as far as anybody looks at it here: its signature and a directory that names one file of that size. */
const archive = (unzippedBytes = 1, mark = 0): Uint8Array => {
  const bytes = Buffer.alloc(4 + 46 + 22);
  bytes.writeUInt32LE(0x04034b50, 0);
  bytes.writeUInt32LE(0x02014b50, 4);
  bytes.writeUInt32LE(mark, 4 + 16);
  bytes.writeUInt32LE(unzippedBytes, 4 + 24);
  bytes.writeUInt32LE(0x06054b50, 50);
  bytes.writeUInt16LE(1, 50 + 8);
  bytes.writeUInt16LE(1, 50 + 10);
  bytes.writeUInt32LE(4, 50 + 16);
  return new Uint8Array(bytes);
};

const publish = (bench: LambdaBench, LayerName: string, more: object = {}): Promise<Record<string, unknown>> =>
  bench.call('PublishLayerVersion', { LayerName, Content: { ZipFile: archive() }, ...more });

const refusal = async (promise: Promise<unknown>): Promise<string> => {
  try {
    await promise;
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return `${code}: ${message}`;
  }
  return 'no refusal';
};

describe('layers', () => {
  it('are published in versions that count up and are never given twice', async () => {
    const bench = new LambdaBench();

    const first = await publish(bench, 'common', {
      Description: 'shared code',
      CompatibleRuntimes: ['nodejs24.x'],
      CompatibleArchitectures: ['arm64'],
      LicenseInfo: 'MIT',
    });
    await publish(bench, `${ARN}:common`);
    await bench.call('DeleteLayerVersion', { LayerName: 'common', VersionNumber: 2 });
    const third = await publish(bench, 'common');

    expect(first).toEqual({
      LayerArn: `${ARN}:common`,
      LayerVersionArn: `${ARN}:common:1`,
      Version: 1,
      Description: 'shared code',
      CreatedDate: '2025-01-01T00:00:00.000+0000',
      CompatibleRuntimes: ['nodejs24.x'],
      CompatibleArchitectures: ['arm64'],
      LicenseInfo: 'MIT',
      Content: {
        Location: expect.stringMatching(/^http:\/\/127\.0\.0\.1:4566\/_holdfast\/lambda\/archives\/[0-9a-f]{64}$/),
        CodeSha256: expect.any(String),
        CodeSize: 72,
      },
    });
    expect(third).toMatchObject({ Version: 3, LayerVersionArn: `${ARN}:common:3` });
    expect(await bench.call('GetLayerVersion', { LayerName: 'common', VersionNumber: 1 })).toEqual(first);
    expect(await bench.call('GetLayerVersionByArn', { Arn: `${ARN}:common:1` })).toEqual(first);
  });

  it('are listed newest version first, by what they are compatible with', async () => {
    const bench = new LambdaBench();
    await publish(bench, 'b', { CompatibleRuntimes: ['python3.12'] });
    await publish(bench, 'b', { CompatibleRuntimes: ['nodejs24.x'] });
    await publish(bench, 'a');
    await publish(bench, 'gone');
    await bench.call('DeleteLayerVersion', { LayerName: 'gone', VersionNumber: 1 });

    const names = async (input: object): Promise<unknown> =>
      (
        (await bench.call('ListLayers', input)) as {
          Layers: { LayerName: string; LatestMatchingVersion: { Version: number } }[];
        }
      ).Layers.map((layer) => [layer.LayerName, layer.LatestMatchingVersion.Version]);
    expect(await names({})).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
    expect(await names({ CompatibleRuntime: 'python3.12' })).toEqual([['b', 1]]);
    expect(await bench.call('ListLayerVersions', { LayerName: 'b', MaxItems: 1 })).toMatchObject({
      LayerVersions: [{ Version: 2 }],
      NextMarker: expect.any(String),
    });
    expect(await bench.call('ListLayerVersions', { LayerName: 'unknown' })).toEqual({ LayerVersions: [] });
  });

  it('that are not there are not found, and may be deleted all the same', async () => {
    const bench = new LambdaBench();
    const get = (input: object): Promise<string> => refusal(bench.call('GetLayerVersion', input));

    expect(await get({ LayerName: 'none', VersionNumber: 1 })).toBe(
      'ResourceNotFoundException: The resource you requested does not exist.',
    );
    expect(await get({ LayerName: 'none', VersionNumber: 0 })).toBe(
      'InvalidParameterValueException: Layer Version Cannot be less than 1',
    );
    expect(await refusal(bench.call('GetLayerVersionByArn', { Arn: `${ARN}:none` }))).toMatch(
      /^ValidationException: 1 validation error detected: Value '.*' at 'arn'/,
    );
    expect(await bench.call('DeleteLayerVersion', { LayerName: 'none', VersionNumber: 1 })).toEqual({});
  });

  it('reach the runtime with the function in their order, and are shown with it', async () => {
    const bench = new LambdaBench();
    await publish(bench, 'a');
    await publish(bench, 'b', { Content: { ZipFile: archive(2) } });
    await bench.createFunction('fn', undefined, { Layers: [`${ARN}:b:1`, `${ARN}:a:1`] });

    await bench.sendEvent('fn');
    const layers = bench.invocations[0]?.spec.layers ?? [];
    expect(layers.map((id) => bench.store.blobs.get(id))).toEqual([archive(2), archive()]);
    expect(await bench.call('GetFunctionConfiguration', { FunctionName: 'fn' })).toMatchObject({
      Layers: [
        { Arn: `${ARN}:b:1`, CodeSize: 72 },
        { Arn: `${ARN}:a:1`, CodeSize: 72 },
      ],
    });

    await bench.call('UpdateFunctionConfiguration', { FunctionName: 'fn', Timeout: 5 });
    expect(await bench.call('GetFunctionConfiguration', { FunctionName: 'fn' })).toHaveProperty('Layers');
    await bench.call('UpdateFunctionConfiguration', { FunctionName: 'fn', Layers: [] });
    expect(await bench.call('GetFunctionConfiguration', { FunctionName: 'fn' })).not.toHaveProperty('Layers');
  });

  it('stay with the functions that have them when they are deleted, also over a restart', async () => {
    const store = new MapStore();
    const before = new LambdaBench({ store });
    await publish(before, 'a');
    await publish(before, 'unused', { Content: { ZipFile: archive(3) } });
    await publish(before, 'kept', { Content: { ZipFile: archive(4) } });
    await before.createFunction('fn', undefined, { Layers: [`${ARN}:a:1`] });
    await before.call('DeleteLayerVersion', { LayerName: 'a', VersionNumber: 1 });
    await before.call('DeleteLayerVersion', { LayerName: 'unused', VersionNumber: 1 });

    const after = new LambdaBench({ store, seed: 2 });
    await after.sendEvent('fn');

    expect(store.blobs.get(after.invocations[0]?.spec.layers?.[0] ?? '')).toEqual(archive());
    expect(await after.call('GetLayerVersion', { LayerName: 'kept', VersionNumber: 1 })).toMatchObject({ Version: 1 });
    expect(await publish(after, 'a')).toMatchObject({ Version: 2 });
    // Code of the function, the layer it has and the layer that is kept; the unused one has been swept.
    expect([...store.bytes.keys()].filter((id) => id.startsWith('lambda.code'))).toHaveLength(3);
  });

  it.each<[string, string[], string]>([
    ['are unknown', [`${ARN}:a:9`], `InvalidParameterValueException: Layer version ${ARN}:a:9 does not exist.`],
    [
      'are too many',
      [1, 2, 3, 4, 5, 6].map((n) => `${ARN}:l${n}:1`),
      'InvalidParameterValueException: Cannot reference more than 5 layers.',
    ],
    [
      'are versions of one layer',
      [`${ARN}:a:1`, `${ARN}:a:2`],
      `InvalidParameterValueException: Two different versions of the same layer are not allowed to be referenced in the same function. ${ARN}:a:1 and ${ARN}:a:2 are versions of the same layer.`,
    ],
    [
      'are in another region',
      ['arn:aws:lambda:eu-west-1:000000000000:layer:a:1'],
      'InvalidParameterValueException: Layers are not in the same region as the function. Layers are expected to be in region us-east-1.',
    ],
    [
      'belong to another account',
      ['arn:aws:lambda:us-east-1:111111111111:layer:a:1'],
      'AccessDeniedException: User: arn:aws:iam::000000000000:root is not authorized to perform: lambda:GetLayerVersion on resource: arn:aws:lambda:us-east-1:111111111111:layer:a:1 because no resource-based policy allows the lambda:GetLayerVersion action',
    ],
    [
      'are public on AWS',
      ['arn:aws:lambda:us-east-1:580247275435:layer:LambdaInsightsExtension:14'],
      'NotSupportedByHoldfast: Holdfast does not support the layer of CloudWatch Lambda Insights (arn:aws:lambda:us-east-1:580247275435:layer:LambdaInsightsExtension:14; publish a layer of the same content under its name, LambdaInsightsExtension, and it stands in). See docs/fidelity.',
    ],
    [
      'are public on AWS, too',
      ['arn:aws:lambda:us-east-1:017000801446:layer:AWSLambdaPowertoolsPythonV3-python312-x86_64:5'],
      'NotSupportedByHoldfast: Holdfast does not support the layers of Powertools for AWS Lambda (arn:aws:lambda:us-east-1:017000801446:layer:AWSLambdaPowertoolsPythonV3-python312-x86_64:5; publish a layer of the same content under its name, AWSLambdaPowertoolsPythonV3-python312-x86_64, and it stands in). See docs/fidelity.',
    ],
    [
      'are public of others',
      ['arn:aws:lambda:us-east-1:753240598075:layer:LambdaAdapterLayerX86:24'],
      'NotSupportedByHoldfast: Holdfast does not support the layers of AWS Lambda Web Adapter (arn:aws:lambda:us-east-1:753240598075:layer:LambdaAdapterLayerX86:24; publish a layer of the same content under its name, LambdaAdapterLayerX86, and it stands in). See docs/fidelity.',
    ],
  ])('that %s are refused', async (_, Layers, text) => {
    const bench = new LambdaBench();
    await publish(bench, 'a');
    await publish(bench, 'a');

    expect(await refusal(bench.createFunction('fn', undefined, { Layers }))).toBe(text);
    expect(await bench.call('ListFunctions')).toMatchObject({ Functions: [] });
  });

  it('that are public on AWS are stood in for by one of the same name', async () => {
    const bench = new LambdaBench();
    await publish(bench, 'AWSLambdaPowertoolsTypeScriptV2');
    const arn = 'arn:aws:lambda:us-east-1:094274105915:layer:AWSLambdaPowertoolsTypeScriptV2:32';
    await bench.createFunction('fn', undefined, { Layers: [arn] });
    expect(await bench.call('GetFunctionConfiguration', { FunctionName: 'fn' })).toMatchObject({
      Layers: [{ Arn: arn }],
    });
  });

  it('without a version are malformed', async () => {
    const bench = new LambdaBench();
    expect(await refusal(bench.createFunction('fn', undefined, { Layers: [`${ARN}:a`] }))).toMatch(
      /^ValidationException: 1 validation error detected: Value '\[.*:layer:a\]' at 'layers' failed/,
    );
  });

  it('may take 250 MB unpacked, together with the code', async () => {
    const bench = new LambdaBench();
    const half = 131_072_000;
    await publish(bench, 'a', { Content: { ZipFile: archive(half) } });
    await publish(bench, 'b', { Content: { ZipFile: archive(half + 1) } });

    await bench.createFunction('fits', undefined, { Code: { ZipFile: archive(half) }, Layers: [`${ARN}:a:1`] });
    expect(
      await refusal(bench.call('UpdateFunctionConfiguration', { FunctionName: 'fits', Layers: [`${ARN}:b:1`] })),
    ).toBe(
      'InvalidParameterValueException: Function code combined with layers exceeds the maximum allowed size of 262144000 bytes. The actual size is 262144001 bytes.',
    );
    expect(await refusal(publish(bench, 'c', { Content: { ZipFile: archive(2 * half + 1) } }))).toBe(
      'InvalidParameterValueException: Unzipped size must be smaller than 262144000 bytes',
    );
  });

  it.each(['AddLayerVersionPermission', 'RemoveLayerVersionPermission', 'GetLayerVersionPolicy'])(
    'are shared with nobody: %s is refused by name',
    async (action) => {
      const test = new TestEngine();
      expect(await refusal(test.call('lambda', action, { LayerName: 'a', VersionNumber: 1 }))).toMatch(
        new RegExp(`^NotSupportedByHoldfast: .*${action}`),
      );
    },
  );
});
