import type { ResourceSamples } from '../../../core/resources/samples-bench.ts';

/** One resource of each type, and what it needs. */
export const samples: ResourceSamples = ({ text, Tags }) => ({
  Parameter: {
    Type: 'AWS::SSM::Parameter',
    Properties: {
      Type: 'String',
      Value: text,
      Tags: Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value])),
    },
  },
});
