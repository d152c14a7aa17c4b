import {
  JsonShapeDeserializer,
  JsonShapeSerializer,
  QueryShapeSerializer,
  XmlShapeDeserializer,
} from '@aws-sdk/core/protocols';
import type { ServiceDescriptor } from '@holdfast/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PLAYED } from '../played.ts';
import { cborReaders, cborWriters, parseCbor, writeCbor } from './codec/cbor.ts';
import { jsonReaders, jsonWriters } from './codec/json.ts';
import { QueryReaderCompiler, queryTreeOf } from './codec/query.ts';
import { identityOf, jsonNameOf, membersOf, type Shape } from './codec/shape.ts';
import { XmlWriterCompiler } from './codec/xml.ts';
import { modelOf } from './service-model.ts';
import { TestGateway } from './test-gateway.ts';

/** A value with every member of a shape; structures inside themselves end where they would repeat. */
const sampleOf = (shape: Shape, textOf = awkwardText, name = 'x', above: readonly unknown[] = []): unknown => {
  const identity = identityOf(shape);
  if (shape.isStructSchema()) {
    if (above.includes(identity)) return undefined;
    const within = [...above, identity];
    const members = membersOf(shape).map(([key, member]) => [key, sampleOf(member, textOf, key, within)] as const);
    const present = members.filter(([, value]) => value !== undefined);
    return Object.fromEntries(shape.isUnionSchema() ? present.slice(0, 1) : present);
  }
  if (shape.isListSchema()) {
    const item = sampleOf(shape.getValueSchema() as Shape, textOf, name, above);
    return item === undefined ? undefined : [item, item];
  }
  if (shape.isMapSchema()) {
    const value = sampleOf(shape.getValueSchema() as Shape, textOf, name, above);
    return value === undefined ? undefined : { a: value, b: value };
  }
  if (shape.isBlobSchema()) return Buffer.from('bytes\u0000\u00ff', 'latin1');
  if (shape.isTimestampSchema()) return new Date(1_735_689_600_000);
  if (shape.isNumericSchema()) return 7;
  if (shape.isBooleanSchema()) return true;
  return shape.isStringSchema() ? textOf(name) : undefined;
};

const awkwardText = (name: string): string => `${name} <&> "ü"\n`;

const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array;

/** Bytes as arrays and without `undefined`, so that only contents are compared. */
const plain = (value: unknown): unknown => {
  if (isBytes(value)) return [...value];
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([key, member]) => [key, plain(member)]));
};

const settings = {
  timestampFormat: { useTrait: true, default: 5 as const },
  httpBindings: false,
  xmlNamespace: '',
  serviceNamespace: '',
  serializeEmptyLists: true,
};
const jsonSettingsOf = (jsonName: boolean) => ({ timestampFormat: { useTrait: true, default: 7 as const }, jsonName });
/** Event streams flow after the answer has begun; the engine has none. */
const isStream = (shape: Shape): boolean => shape.isStructSchema() && shape.getEventStreamMember() !== '';

describe.each(PLAYED.map((service) => [service.id, service] as const))('every shape of %s', (_, service) => {
  it('passes between the SDK and the gateway unchanged', async () => {
    const { operations } = modelOf(service, await service.sdk());
    expect(operations.size).toBeGreaterThan(3);
    // Only REST has names of its own for JSON.
    const hasJsonNames = service.wire.protocol === 'rest-json';
    const wireName = hasJsonNames ? jsonNameOf : undefined;
    const jsonSettings = jsonSettingsOf(hasJsonNames);
    const json = { readers: jsonReaders(wireName), writers: jsonWriters(wireName) };
    const cbor = { readers: cborReaders(), writers: cborWriters() };
    const query = { readers: new QueryReaderCompiler(), writers: new XmlWriterCompiler() };
    for (const { name, input, output } of operations.values()) {
      for (const shape of [input, output]) {
        if (shape.isUnitSchema() || isStream(shape)) continue;
        const sample = sampleOf(shape);
        const expected = plain(sample);
        const sdk = new JsonShapeSerializer(jsonSettings);
        sdk.write(shape, sample);
        expect(plain(json.readers.compile(shape)(JSON.parse(String(sdk.flush())), name)), name).toEqual(expected);
        const text = JSON.stringify(json.writers.compile(shape)(sample));
        expect(
          plain(await new JsonShapeDeserializer(jsonSettings).read(shape, Buffer.from(text) as never)),
          name,
        ).toEqual(expected);
        const bytes = Buffer.from(writeCbor(cbor.writers.compile(shape)(sample)));
        expect(plain(cbor.readers.compile(shape)(parseCbor(bytes), name)), name).toEqual(expected);
      }
      if (service.wire.protocol !== 'query') continue;
      if (!input.isUnitSchema()) {
        const sample = sampleOf(input);
        const serializer = new QueryShapeSerializer(settings);
        serializer.write(input, sample);
        const tree = queryTreeOf(new URLSearchParams(String(serializer.flush())));
        const read = plain(query.readers.compile(input)(tree, name));
        // Two of its members have one and the same name on the wire.
        if (name !== 'ReceiveMessage') expect(read, name).toEqual(plain(sample));
      }
      if (!output.isUnitSchema()) {
        const sample = sampleOf(output);
        const text = `<R><${name}Result>${query.writers.content(output)(sample)}</${name}Result></R>`;
        const read = new XmlShapeDeserializer(settings).read(output, Buffer.from(text) as never, `${name}Result`);
        expect(plain(read), name).toEqual(plain(sample));
      }
    }
  });
});

describe.each(['s3', 'lambda'])('every operation of %s', (id) => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await TestGateway.start();
  });
  afterAll(() => gateway.close());

  /** Sent to hosts of their own, or answered by a stream of events. */
  const ELSEWHERE = new Set(['WriteGetObjectResponse', 'SelectObjectContent', 'InvokeWithResponseStream']);
  /** Members that the client computes or checks. */
  const COMPUTED = /^(?:SSECustomer|CopySourceSSECustomer|Checksum|ContentMD5|ContentLength)/;
  const TEXTS: Record<string, string> = { Bucket: 'bucket', Key: 'a b/ü+', ExpectedBucketOwner: '111122223333' };

  it('is found by its route, with the members it was called with', async () => {
    const service = PLAYED.find((candidate) => candidate.id === id) as ServiceDescriptor;
    const sdk = (await service.sdk()) as Record<string, new (settings: object) => never>;
    const Client = sdk[id === 's3' ? 'S3Client' : 'LambdaClient'] as new (settings: object) => SdkClient;
    const client = new Client({ ...gateway.client, forcePathStyle: true });
    for (const { name, input } of modelOf(service, sdk).operations.values()) {
      if (ELSEWHERE.has(name)) continue;
      const all = sampleOf(input, (member) => TEXTS[member] ?? `${member}:/x`) as Record<string, unknown>;
      const sample = Object.fromEntries(Object.entries(all).filter(([member]) => !COMPUTED.test(member)));
      const Command = sdk[`${name}Command`] as new (sample: object) => never;
      gateway.calls.length = 0;
      await client.send(new Command(sample)).catch((error: Error) => {
        if (gateway.calls.length === 0) throw new Error(`${name}: ${error.message}`, { cause: error });
      });
      const call = gateway.calls.at(-1);
      expect(call?.action).toBe(name);
      expect(plain(call?.input), name).toMatchObject(plain(sample) as object);
    }
  });
});

interface SdkClient {
  send(command: never): Promise<unknown>;
}
