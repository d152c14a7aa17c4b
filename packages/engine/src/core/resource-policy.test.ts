import { describe, expect, it } from 'vitest';
import { judgePolicy, type PolicyQuestion, policyAllows } from './resource-policy.ts';

const QUESTION: PolicyQuestion = {
  principals: ['000000000000', 'arn:aws:iam::000000000000:role/app'],
  action: 'kms:Decrypt',
  resourceArn: 'arn:aws:kms:us-east-1:000000000000:key/k',
  conditions: { 'kms:viaservice': 'sqs.us-east-1.amazonaws.com', 'kms:encryptioncontextkeys': ['a', 'b'] },
};
const judge = (...Statement: unknown[]) => judgePolicy(JSON.stringify({ Statement }), QUESTION);
const allow = (more: object = {}) => ({ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*', ...more });

describe('a resource policy', () => {
  it('says nothing, allows, or denies, which wins', () => {
    expect(judgePolicy(undefined, QUESTION)).toBeUndefined();
    expect(judge(allow({ Principal: { AWS: '111111111111' } }))).toBeUndefined();
    expect(judge(allow({ Principal: { AWS: ['x', 'arn:aws:iam::000000000000:role/app'] } }))).toBe('allow');
    expect(judge(allow(), allow({ Effect: 'Deny', Action: 'kms:De*' }))).toBe('deny');
  });

  it.each([
    [{ Action: ['KMS:decrypt'] }, 'allow'],
    [{ Action: undefined, NotAction: 'kms:Decrypt' }, undefined],
    [{ Action: undefined, NotAction: 'kms:Encrypt' }, 'allow'],
    [{ Resource: 'arn:aws:kms:*:*:key/?' }, 'allow'],
    [{ Resource: undefined, NotResource: '*key/k' }, undefined],
    [{ NotPrincipal: { AWS: 'x' } }, undefined],
    [{ Condition: { StringLike: { 'kms:ViaService': ['sns.*', 'sqs.*'] } } }, 'allow'],
    [{ Condition: { StringNotEquals: { 'kms:ViaService': 'sqs.us-east-1.amazonaws.com' } } }, undefined],
    [{ Condition: { StringNotEquals: { 'aws:SourceArn': 'x' } } }, 'allow'],
    [{ Condition: { StringEquals: { 'aws:SourceArn': 'x' } } }, undefined],
    [{ Condition: { StringEqualsIfExists: { 'aws:SourceArn': 'x' } } }, 'allow'],
    [{ Condition: { Null: { 'aws:SourceArn': 'true' } } }, 'allow'],
    [{ Condition: { Bool: { 'aws:SecureTransport': false } } }, undefined],
    [{ Condition: { Bool: { 'aws:SecureTransport': true } } }, 'allow'],
    [{ Condition: { 'ForAnyValue:StringEquals': { 'kms:EncryptionContextKeys': 'b' } } }, 'allow'],
    [{ Condition: { 'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['a', 'c'] } } }, undefined],
    [{ Condition: { NumericLessThan: { 'kms:ViaService': '5' } } }, undefined],
    [{ Condition: { StringEquals: null } }, 'allow'],
  ])('with %j', (more, verdict) => {
    expect(judge(allow(more))).toBe(verdict);
  });

  it('with statements that are none matches nothing', () => {
    expect(judge(null, 'x', 7, [])).toBeUndefined();
  });

  it('is not about roles that a service acts in', () => {
    expect(policyAllows(undefined, {}, 'sqs:SendMessage', 'x')).toBe(true);
    expect(policyAllows('', { principal: 's3.amazonaws.com' }, 'sqs:SendMessage', 'x')).toBe(false);
  });
});
