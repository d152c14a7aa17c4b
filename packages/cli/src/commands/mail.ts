import { AWS_OPTIONS, type Command, readCount, readOptions } from '../command.ts';
import { CommandError, EXIT } from '../exit-code.ts';
import { print, printJson, style } from '../output.ts';
import { control, resolveTarget } from '../target.ts';

const USAGE = 'holdfast mail [--last 10] [--json]';

interface CapturedMail {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly to: string;
  readonly topicArn: string;
  readonly subject: string;
  readonly body: string;
}

/** Shows what email subscribers would have received. */
export const mail: Command = {
  usage: USAGE,
  summary: 'show the mails that topics would have sent; none ever leaves this machine',
  async run(words) {
    const { values, positionals } = readOptions(words, { ...AWS_OPTIONS, last: { type: 'string' } }, USAGE);
    if (positionals.length > 0)
      throw new CommandError(`"${positionals[0]}" is not expected\nusage: ${USAGE}`, EXIT.usage);
    const last = readCount('last', values.last, 10);
    const { mails } = await control<{ mails: readonly CapturedMail[] }>(await resolveTarget(values), 'GET', 'mail');
    const shown = mails.slice(-last);
    if (values.json === true) {
      printJson(shown);
      return EXIT.ok;
    }
    if (shown.length === 0) print('no mail');
    for (const { at, to, subject, body } of shown) {
      print(
        `${style('bold', subject === '' ? '(no subject)' : subject)}\n${new Date(at).toISOString()} to ${to}\n${body.trimEnd()}\n`,
      );
    }
    if (mails.length > shown.length)
      print(`${mails.length - shown.length} older ones; --last ${mails.length} shows all`);
    return EXIT.ok;
  },
};
