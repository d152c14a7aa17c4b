import type { ResourceSamples } from '../../../core/resources/samples-bench.ts';

/** One resource of each type, and what it needs. */
export const samples: ResourceSamples = ({ Tags, att, text, ref }) => ({
  Machine: {
    Type: 'AWS::StepFunctions::StateMachine',
    Properties: {
      RoleArn: att('Role'),
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the template's own placeholder.
      DefinitionString: '{"StartAt":"Say","States":{"Say":{"Type":"Pass","Result":"${word}","End":true}}}',
      DefinitionSubstitutions: { word: text },
      Tags,
    },
  },
  MachineVersion: {
    Type: 'AWS::StepFunctions::StateMachineVersion',
    Properties: { StateMachineArn: ref('Machine') },
  },
  MachineAlias: {
    Type: 'AWS::StepFunctions::StateMachineAlias',
    Properties: {
      Name: 'live',
      Description: text,
      RoutingConfiguration: [{ StateMachineVersionArn: ref('MachineVersion'), Weight: 100 }],
    },
  },
  Work: { Type: 'AWS::StepFunctions::Activity', Properties: { Name: 'work', Tags } },
});
