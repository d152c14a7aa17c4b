import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as fc from 'fast-check';
import { expect, it, onTestFinished } from 'vitest';
import { readAudit } from './audit.ts';
import { AuditFile } from './audit-file.ts';

const AT = '2026-01-01T00:00:00.000Z';

const fileOf = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-audit-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, 'audit.jsonl');
};

const write = (file: string, count: number): void => {
  const audit = new AuditFile(file, AT);
  for (let index = 0; index < count; index += 1) audit.append({ step: 'sent', at: AT, messageId: `m${index}` });
  audit.close();
};

it('goes on where it ended, and every entry checks out', () => {
  const file = fileOf();
  write(file, 3);
  write(file, 2);
  expect(readAudit(readFileSync(file, 'utf8'))).toMatchObject({ head: { seq: 5 } });
  expect(readAudit(readFileSync(file, 'utf8')).fault).toBeUndefined();
});

it('notices any character that is changed, and any line that is taken out', () => {
  const file = fileOf();
  write(file, 5);
  const text = readFileSync(file, 'utf8');
  fc.assert(
    fc.property(fc.nat(text.length - 2), fc.constantFrom('0', 'x', '"', ' '), (at, character) => {
      if (text[at] === character || text[at] === '\n') return;
      expect(readAudit(text.slice(0, at) + character + text.slice(at + 1)).fault).toBeDefined();
    }),
    { numRuns: 200 },
  );
  const lines = text.split('\n');
  expect(readAudit([...lines.slice(0, 2), ...lines.slice(3)].join('\n')).fault).toMatchObject({ line: 3 });
});

it('names a line that a crash cut off, and refuses to add to a log that was changed', () => {
  const file = fileOf();
  write(file, 2);
  writeFileSync(file, readFileSync(file, 'utf8').slice(0, -10));
  expect(readAudit(readFileSync(file, 'utf8')).tornTail).toBeDefined();
  write(file, 1);
  expect(readAudit(readFileSync(file, 'utf8'))).toMatchObject({ entries: [{}, { step: 'torn' }, { step: 'sent' }] });
  writeFileSync(file, readFileSync(file, 'utf8').replace('m0', 'mO'));
  expect(() => new AuditFile(file, AT)).toThrow('line 1: was changed');
});

it('lets one process at a time write', () => {
  const file = fileOf();
  const audit = new AuditFile(file, AT);
  expect(() => new AuditFile(file, AT)).toThrow(`process ${process.pid} is writing`);
  audit.close();
});

it.each(['999999999', ''])('takes the lock that a dead process left ("%s"), and leaves nothing beside it', (left) => {
  const file = fileOf();
  writeFileSync(`${file}.lock`, left);
  const audit = new AuditFile(file, AT);
  expect(readFileSync(`${file}.lock`, 'utf8')).toBe(String(process.pid));
  expect(() => new AuditFile(file, AT)).toThrow(`process ${process.pid} is writing the audit log ${file}`);
  audit.close();
  expect(readdirSync(dirname(file))).toEqual(['audit.jsonl']);
});
