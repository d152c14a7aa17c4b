import { existsSync, readFileSync } from 'node:fs';
import { readAudit } from '@holdfast/ledger';
import { CommandError, EXIT, type ExitCode } from '../exit-code.ts';
import { print, printJson } from '../output.ts';
import { auditPath } from './audit-path.ts';

/** Checks an audit log; the exit code says whether it is as it was written. */
export const verifyAudit = (named: string | undefined, head: string | undefined, asJson: boolean): ExitCode => {
  const file = auditPath(named);
  if (!existsSync(file)) throw new CommandError(`no audit log ${file}; name one with --audit`, EXIT.notFound);
  const report = readAudit(readFileSync(file, 'utf8'));
  const jobs = new Set(report.entries.flatMap(({ jobId }) => jobId ?? [])).size;
  const fault = report.fault === undefined ? undefined : `line ${report.fault.line} ${report.fault.what}`;
  const missing =
    head === undefined || report.entries.some(({ hash }) => hash === head)
      ? undefined
      : `no entry has the hash ${head}`;
  const faults = [fault, missing].filter((one) => one !== undefined);
  if (asJson) {
    printJson({
      file,
      entries: report.entries.length,
      jobs,
      head: report.head.hash,
      faults,
      tornTail: report.tornTail,
    });
  } else {
    print(
      faults.length === 0
        ? `${file}: ${report.entries.length} entries of ${jobs} jobs, each as it was written; the last has the hash ${report.head.hash}`
        : faults.map((one) => `${file}: ${one}`).join('\n'),
    );
    if (report.tornTail !== undefined) print('its last line was cut off by a crash; the next redrive names it');
  }
  return faults.length === 0 ? EXIT.ok : EXIT.findings;
};
