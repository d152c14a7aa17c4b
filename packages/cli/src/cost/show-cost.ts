import { nowAt } from '../control.ts';
import { CommandError, EXIT } from '../exit-code.ts';
import { note, print, printJson, table } from '../output.ts';
import type { Target } from '../target.ts';
import { type Bill, billOf, MONTH_MS, type Usage } from './bill.ts';
import { measureUsage } from './measure.ts';
import { PRICES_AS_OF, PRICES_REGION } from './price-table.ts';

export interface CostOptions {
  /** How much of the past is measured. */
  readonly sinceMs: number;
  /** Requests of HTTP APIs a month; the measured rate goes on without it. */
  readonly requests?: number | undefined;
  readonly asJson: boolean;
}

const factorOf = (usage: Usage, { sinceMs, requests }: CostOptions): number => {
  if (requests === undefined) return MONTH_MS / sinceMs;
  if ((usage.httpApi ?? 0) > 0) return requests / (usage.httpApi as number);
  throw new CommandError(
    '--requests: no HTTP API was called in this time, so there is nothing to scale by; leave it out, or measure a time with requests',
    EXIT.notFound,
  );
};

const rounded = (value: number): string =>
  value.toLocaleString('en-US', { maximumFractionDigits: value < 100 ? 3 : 0 });
const money = (dollars: number): string => `$${dollars.toFixed(2)}`;

/** What costs nothing stands in the JSON alone. */
const printBill = ({ lines, dollars, notMeasured }: Bill): void => {
  print(
    table(
      ['SERVICE', 'UNIT', 'MEASURED', 'A MONTH', 'COST'],
      [
        ...lines
          .filter(({ measured }) => measured > 0)
          .map((line) => [
            line.service,
            line.unit,
            rounded(line.measured),
            rounded(line.perMonth),
            money(line.dollars),
          ]),
        ['total', '', '', '', money(dollars)],
      ],
    ),
  );
  if (notMeasured.length > 0) note(`not in the sum, because CloudWatch has no figures: ${notMeasured.join('; ')}`);
};

/** Shows what a month costs at AWS's list prices, from what CloudWatch counted. */
export const showCost = async (target: Target, options: CostOptions): Promise<void> => {
  const to = await nowAt(target);
  const usage = await measureUsage(target, { from: to - options.sinceMs, to });
  const bill = billOf(usage, factorOf(usage, options));
  if (options.asJson) printJson({ pricesAsOf: PRICES_AS_OF, region: PRICES_REGION, ...bill });
  else printBill(bill);
  note(
    `list prices of ${PRICES_REGION}, ${PRICES_AS_OF}, without free tiers; storage, transfer, S3, KMS, streams and state transitions are not counted`,
  );
};
