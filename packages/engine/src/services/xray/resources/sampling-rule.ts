import { type MemberShapes, type PropertiesOf, type ResourceType, unlessMissing } from '../../../core/index.ts';

const SHAPE = {
  SamplingRule: {
    Attributes: { map: 'string' },
    FixedRate: 'number',
    Host: 'string',
    HTTPMethod: 'string',
    Priority: 'number',
    ReservoirSize: 'number',
    ResourceARN: 'string',
    RuleName: 'string',
    ServiceName: 'string',
    ServiceType: 'string',
    URLPath: 'string',
    Version: 'number',
  },
} as const satisfies MemberShapes;

const REQUIRED = ['SamplingRule'] as const;
type RuleProperties = PropertiesOf<typeof SHAPE, typeof REQUIRED>;

export const samplingRule: ResourceType<RuleProperties> = {
  type: 'AWS::XRay::SamplingRule',
  properties: SHAPE,
  required: REQUIRED,
  attributes: ['RuleARN'],
  async create({ SamplingRule }, context) {
    const RuleName = SamplingRule.RuleName ?? context.generateName({ maxLength: 32 });
    const { SamplingRuleRecord } = await context.call<{ SamplingRuleRecord: { SamplingRule: { RuleARN: string } } }>(
      'xray',
      'CreateSamplingRule',
      { SamplingRule: { Version: 1, ...SamplingRule, RuleName } },
    );
    const { RuleARN } = SamplingRuleRecord.SamplingRule;
    return { physicalId: RuleARN, attributes: { RuleARN } };
  },
  async update(
    { physicalId: RuleARN, attributes },
    { SamplingRule: { Version: _, RuleName: __, ...changes } },
    context,
  ) {
    await context.call('xray', 'UpdateSamplingRule', { SamplingRuleUpdate: { ...changes, RuleARN } });
    return { physicalId: RuleARN, attributes };
  },
  async delete({ physicalId: RuleARN }, context) {
    try {
      await unlessMissing(context.call('xray', 'DeleteSamplingRule', { RuleARN }));
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('Sampling rule does not exist'))) throw error;
    }
  },
};
