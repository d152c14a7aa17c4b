import { cloudFormation } from '@holdfast/cloudformation';
import { SERVICES, type WireFacts } from '@holdfast/engine';
import { describe, expect, it } from 'vitest';
import { sdkFactsOf } from './service-model.ts';

const PROTOCOLS: Readonly<Record<string, WireFacts['protocol']>> = {
  'aws.protocols#awsJson1_0': 'json',
  'aws.protocols#awsJson1_1': 'json',
  'aws.protocols#awsQuery': 'query',
  'aws.protocols#restJson1': 'rest-json',
  'aws.protocols#restXml': 'rest-xml',
};

describe.each([...SERVICES, cloudFormation].map((service) => [service.name, service] as const))('%s', (_, service) => {
  it('is told from others by what its SDK package sends', async () => {
    const { wire } = service;
    const facts = sdkFactsOf(await service.sdk());
    expect({ target: wire.target, apiVersion: wire.apiVersion, signingName: wire.signingName }).toEqual({
      target: facts.target,
      apiVersion: facts.apiVersion,
      signingName: facts.signingName,
    });
    // A service that came from the Query protocol still gets it from older clients.
    expect(wire.protocol).toBe(facts.isQueryCompatible ? 'query' : PROTOCOLS[facts.protocol]);
    if (wire.xmlNamespace !== undefined) expect(facts.xmlNamespace, 'the package says it by now').toBeUndefined();
  });
});
