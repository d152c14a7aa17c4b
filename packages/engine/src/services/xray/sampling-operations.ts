import type * as Sdk from '@aws-sdk/client-xray';
import type { SamplingRule } from '@aws-sdk/client-xray';
import { makeArn } from '@holdfast/aws-model';
import { Constraints, type Operations, operation, type RequestContext } from '../../core/index.ts';
import { invalidRequest } from './errors.ts';
import { DEFAULT_RULE, recordOf, type SamplingRules, type StoredRule } from './sampling-rules.ts';

const RULES_MAX = 25;
const QUOTA_LIFE_MS = 10_000;

const checkRule = (rule: Partial<SamplingRule>): void => {
  new Constraints()
    .length('samplingRule.ruleName', rule.RuleName, 1, 32)
    .range('samplingRule.priority', rule.Priority, 1, 9_999)
    .range('samplingRule.fixedRate', rule.FixedRate, 0, 1)
    .length('samplingRule.serviceName', rule.ServiceName, 0, 64)
    .length('samplingRule.serviceType', rule.ServiceType, 0, 64)
    .length('samplingRule.host', rule.Host, 0, 64)
    .length('samplingRule.hTTPMethod', rule.HTTPMethod, 0, 10)
    .length('samplingRule.uRLPath', rule.URLPath, 0, 128)
    .length('samplingRule.resourceARN', rule.ResourceARN, 0, 500)
    .check('InvalidRequestException');
  if (rule.ReservoirSize !== undefined && rule.ReservoirSize < 0) {
    throw invalidRequest('ReservoirSize must not be negative.');
  }
};

const REQUIRED = [
  'ResourceARN',
  'Priority',
  'FixedRate',
  'ReservoirSize',
  'ServiceName',
  'ServiceType',
  'Host',
  'HTTPMethod',
  'URLPath',
  'Version',
] as const;

/** Rules that say what is traced, and what SDKs ask of them. */
export const samplingOperations = (rules: SamplingRules): Operations<typeof Sdk> => {
  const required = (
    { RuleName, RuleARN }: { readonly RuleName?: string | undefined; readonly RuleARN?: string | undefined },
    context: RequestContext,
  ): StoredRule => {
    const name = RuleName ?? RuleARN?.split('/').at(-1);
    if (name === undefined) throw invalidRequest('Please specify either a RuleARN or a RuleName');
    const rule = rules.find(context, name);
    if (rule === undefined) throw invalidRequest(`Sampling rule does not exist: ${name}`);
    return rule;
  };

  return {
    GetSamplingRules: operation(['NextToken'], (_, context) => ({
      SamplingRuleRecords: rules.of(context).map(recordOf),
    })),
    CreateSamplingRule: operation(['SamplingRule'], (input, context) => {
      const { SamplingRule: given } = input;
      new Constraints().required('samplingRule', given).check('InvalidRequestException');
      const rule = given as SamplingRule;
      const missing = REQUIRED.find((name) => rule[name] === undefined);
      if (missing !== undefined) throw invalidRequest(`${missing} is required`);
      if (rule.RuleName === undefined) throw invalidRequest('RuleName is required');
      checkRule(rule);
      if (rules.find(context, rule.RuleName) !== undefined) {
        throw invalidRequest(`Sampling rule already exists: ${rule.RuleName}`);
      }
      if (rules.of(context).length > RULES_MAX) throw invalidRequest('Too many sampling rules.');
      const { account, region, now } = context;
      const RuleARN = makeArn('xray', region, account, `sampling-rule/${rule.RuleName}`);
      const stored: StoredRule = {
        account,
        region,
        rule: { Attributes: {}, ...rule, RuleName: rule.RuleName, RuleARN },
        createdAt: now,
        modifiedAt: now,
      };
      rules.put(stored);
      return { SamplingRuleRecord: recordOf(stored) };
    }),
    UpdateSamplingRule: operation(['SamplingRuleUpdate'], (input, context) => {
      const { RuleName: _, RuleARN: __, ...changes } = input.SamplingRuleUpdate ?? {};
      const before = required(input.SamplingRuleUpdate ?? {}, context);
      checkRule(changes);
      const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
      const stored = { ...before, rule: { ...before.rule, ...given }, modifiedAt: context.now };
      rules.put(stored);
      return { SamplingRuleRecord: recordOf(stored) };
    }),
    DeleteSamplingRule: operation(['RuleName', 'RuleARN'], (input, context) => {
      const rule = required(input, context);
      if (rule.rule.RuleName === DEFAULT_RULE) throw invalidRequest('The default rule cannot be deleted.');
      rules.delete(rule);
      return { SamplingRuleRecord: recordOf(rule) };
    }),
    GetSamplingTargets: operation(['SamplingStatisticsDocuments'], (input, context) => {
      const known = (input.SamplingStatisticsDocuments ?? []).map((document) => ({
        name: document.RuleName ?? '',
        rule: rules.find(context, document.RuleName ?? '')?.rule,
      }));
      const modified = Math.max(...rules.of(context).map(({ modifiedAt }) => modifiedAt));
      return {
        SamplingTargetDocuments: known.flatMap(({ rule }) =>
          rule === undefined
            ? []
            : {
                RuleName: rule.RuleName,
                FixedRate: rule.FixedRate,
                ReservoirQuota: rule.ReservoirSize,
                ReservoirQuotaTTL: new Date(context.now + QUOTA_LIFE_MS),
                Interval: 10,
              },
        ),
        LastRuleModification: new Date(modified),
        UnprocessedStatistics: known.flatMap(({ name, rule }) =>
          rule === undefined ? { RuleName: name, ErrorCode: 'NotFound', Message: 'Sampling rule does not exist' } : [],
        ),
      };
    }),
  };
};
