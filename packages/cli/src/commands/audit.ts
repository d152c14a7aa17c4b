import { Command } from '@commander-js/extra-typings';

const verify = () =>
  new Command('verify')
    .summary('check that no entry was changed, taken out or put in')
    .description(
      'Checks the hash of every entry of the audit log. What was cut off at its end only shows against a hash that was kept elsewhere: --head.',
    )
    .option('--audit <file>', 'where the audit log is (default: .holdfast/audit/redrive.jsonl; env: HOLDFAST_DATA_DIR)')
    .option('--head <hash>', 'the log must contain the entry with this hash')
    .option('--json', 'print the result as JSON')
    .action(async ({ audit: file, head, json }) => {
      const { verifyAudit } = await import('../redrive/verify-audit.ts');
      process.exitCode = verifyAudit(file, head, json === true);
    });

/** Looks at the log of what was brought back. */
export const audit = () =>
  new Command('audit')
    .summary('check the log of what was redriven')
    .description('Looks at the log in which every redrive writes down its steps.')
    .addCommand(verify());
