import type { ResourceSamples } from '../../../core/resources/samples-bench.ts';

/** One resource of each type. */
export const samples: ResourceSamples = ({ turn, number }) => ({
  Sampling: {
    Type: 'AWS::XRay::SamplingRule',
    Properties: {
      SamplingRule: {
        RuleName: 'shop',
        Priority: number,
        FixedRate: 0.5,
        ReservoirSize: turn,
        ServiceName: '*',
        ServiceType: '*',
        Host: '*',
        HTTPMethod: '*',
        URLPath: '*',
        ResourceARN: '*',
        Version: 1,
      },
    },
  },
});
