import { Command } from '@commander-js/extra-typings';
import { withAwsOptions } from '../aws-options.ts';
import { control } from '../control.ts';
import { wholeNumber } from '../option-values.ts';
import { print, printJson, style } from '../output.ts';
import { resolveTarget } from '../target.ts';

interface CapturedMail {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly to: string;
  readonly topicArn: string;
  readonly subject: string;
  readonly body: string;
}

/** Shows what email subscribers would have received. */
export const mail = () =>
  withAwsOptions(new Command('mail'))
    .summary('show the mails that topics would have sent; none ever leaves this machine')
    .description('Shows the mails that topics would have sent to their subscribers. None ever leaves this machine.')
    .option('--last <number>', 'show at most so many, the newest', wholeNumber(1), 10)
    .action(async (values) => {
      const target = await resolveTarget(values);
      const { mails } = await control<{ mails: readonly CapturedMail[] }>(target, 'GET', 'mail');
      const shown = mails.slice(-values.last);
      if (values.json === true) {
        printJson(shown);
        return;
      }
      if (shown.length === 0) print('no mail');
      for (const { at, to, subject, body } of shown) {
        print(
          `${style('bold', subject === '' ? '(no subject)' : subject)}\n${new Date(at).toISOString()} to ${to}\n${body.trimEnd()}\n`,
        );
      }
      if (mails.length > shown.length)
        print(`${mails.length - shown.length} older ones; --last ${mails.length} shows all`);
    });
