/** What may stand in a definition and in its states. https://states-language.net */

export const TYPES: readonly string[] = ['Task', 'Wait', 'Pass', 'Succeed', 'Fail', 'Choice', 'Parallel', 'Map'];

export const DEFINITION_FIELDS: ReadonlySet<string> = new Set([
  'Comment',
  'StartAt',
  'States',
  'Version',
  'TimeoutSeconds',
  'QueryLanguage',
  'ProcessorConfig',
]);

export const COMMON_FIELDS: ReadonlySet<string> = new Set(['Type', 'Comment', 'QueryLanguage']);

const FLOW = ['Next', 'End', 'InputPath', 'OutputPath', 'Output', 'Assign'];
const WORK = [...FLOW, 'ResultPath', 'Parameters', 'ResultSelector', 'Arguments', 'Retry', 'Catch'];

export const FIELDS: Readonly<Record<string, ReadonlySet<string>>> = {
  Task: new Set([
    ...WORK,
    'Resource',
    'TimeoutSeconds',
    'TimeoutSecondsPath',
    'HeartbeatSeconds',
    'HeartbeatSecondsPath',
    'Credentials',
  ]),
  Wait: new Set([...FLOW, 'Seconds', 'SecondsPath', 'Timestamp', 'TimestampPath']),
  Pass: new Set([...FLOW, 'Result', 'ResultPath', 'Parameters']),
  Succeed: new Set(['InputPath', 'OutputPath', 'Output']),
  Fail: new Set(['Error', 'ErrorPath', 'Cause', 'CausePath']),
  Choice: new Set(['Choices', 'Default', 'InputPath', 'OutputPath', 'Output', 'Assign']),
  Parallel: new Set([...WORK, 'Branches']),
  Map: new Set([
    ...WORK,
    'Iterator',
    'ItemProcessor',
    'ItemsPath',
    'Items',
    'ItemSelector',
    'ItemReader',
    'ItemBatcher',
    'ResultWriter',
    'MaxConcurrency',
    'MaxConcurrencyPath',
    'ToleratedFailureCount',
    'ToleratedFailureCountPath',
    'ToleratedFailurePercentage',
    'ToleratedFailurePercentagePath',
    'Label',
  ]),
};

/** Fields that only states of the one or of the other query language have. */
export const JSONPATH_FIELDS: ReadonlySet<string> = new Set([
  'InputPath',
  'OutputPath',
  'ResultPath',
  'Parameters',
  'ResultSelector',
  'ItemsPath',
  'SecondsPath',
  'TimestampPath',
  'TimeoutSecondsPath',
  'HeartbeatSecondsPath',
  'ErrorPath',
  'CausePath',
  'MaxConcurrencyPath',
  'ToleratedFailureCountPath',
  'ToleratedFailurePercentagePath',
]);

export const JSONATA_FIELDS: ReadonlySet<string> = new Set(['Arguments', 'Output', 'Items']);
