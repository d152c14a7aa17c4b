import type { ServiceDescriptor } from '../../core/index.ts';
import { resourceTypes } from './resources/index.ts';
import { XRayService } from './service.ts';

export const xray: ServiceDescriptor = {
  id: 'xray',
  name: 'AWS X-Ray',
  wire: {
    signingName: 'xray',
    target: 'AWSXRay',
    protocol: 'rest-json',
    apiVersion: '2016-04-12',
    // What SDKs ask the daemon without signing; the engine is its own daemon.
    paths: /^\/(?:TraceSegments|TelemetryRecords|GetSamplingRules|SamplingTargets)$/,
  },
  sdk: () => import('@aws-sdk/client-xray'),
  resourceTypes,
  offers: { lends: ['traces'] },
  create: (environment) => new XRayService(environment),
};
