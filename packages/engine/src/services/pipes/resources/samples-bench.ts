import type { ResourceSamples } from '../../../core/resources/samples-bench.ts';

/** One resource of each type, and what it needs. */
export const samples: ResourceSamples = ({ turn, only, att }) => ({
  ClickPipe: {
    Type: 'AWS::Pipes::Pipe',
    Properties: {
      Source: att('Clicks'),
      SourceParameters: { KinesisStreamParameters: { StartingPosition: 'LATEST', BatchSize: turn } },
      Target: att('Dead'),
      RoleArn: att('Role'),
      Tags: { turn: String(turn) },
      ...only(1, 'TargetParameters', { InputTemplate: '<$.data>' }),
      ...only(1, 'LogConfiguration', {
        Level: 'INFO',
        CloudwatchLogsLogDestination: { LogGroupArn: att('Logs') },
      }),
      ...only(2, 'DesiredState', 'STOPPED'),
    },
  },
});
