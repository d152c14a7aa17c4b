import type { Digest } from '@holdfast/kernel';
import { describe, expect, it } from 'vitest';
import type { PrincipalIds } from '../../core/index.ts';
import { deliverySenderId } from './sender-id.ts';

const digest: Digest = {
  md5Hex: (data) => Buffer.from(data).toString('hex').padEnd(32, '0').slice(-32),
  sha256Hex: () => '',
  sha256Base64: () => '',
  hex: () => '',
};
const nobody: PrincipalIds = {
  digest,
  principals: { keyOwner: () => undefined, role: () => undefined, user: () => undefined },
};
const AT = Date.UTC(2025, 0, 2, 3, 4, 5, 6);

describe('the sender of a delivery', () => {
  it('is an id of the service that has a principal', () => {
    expect(deliverySenderId('000000000000', { principal: 's3.amazonaws.com' }, AT, nobody)).toMatch(
      /^AIDA[0-9A-F]{17}$/,
    );
  });

  it('is the execution role in a session of its own for each delivery', () => {
    const sender = { roleArn: 'arn:aws:iam::000000000000:role/path/runner' };

    const first = deliverySenderId('000000000000', sender, AT, nobody);
    const second = deliverySenderId('000000000000', sender, AT + 1, nobody);

    expect(first).toMatch(/^AROA[0-9A-F]{17}:awslambda_1_20250102030405006$/);
    expect(second).not.toBe(first);
    expect(second.split(':')[0]).toBe(first.split(':')[0]);
  });

  it('is the id that IAM gave the execution role', () => {
    const role = {
      id: 'AROAEXAMPLEEXAMPLE001',
      arn: 'arn:aws:iam::000000000000:role/runner',
      maxSessionSeconds: 3_600,
    };
    const ids = { digest, principals: { ...nobody.principals, role: () => role } };

    expect(deliverySenderId('000000000000', { roleArn: role.arn }, AT, ids)).toMatch(
      /^AROAEXAMPLEEXAMPLE001:awslambda_1_/,
    );
  });

  it('is the account when nothing is known', () => {
    expect(deliverySenderId('000000000000', {}, AT, nobody)).toBe('000000000000');
  });
});
