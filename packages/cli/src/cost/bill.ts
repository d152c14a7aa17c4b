import { isStanding, PRICES, type PriceName } from './price-table.ts';

/** How much of each was used; what is missing was not measured. */
export type Usage = Readonly<Partial<Record<PriceName, number>>>;

/** One line of a bill. */
export interface BillLine {
  readonly service: string;
  readonly unit: string;
  /** As it was counted; of what is paid by the month, how many there are. */
  readonly measured: number;
  /** The same for a month. */
  readonly perMonth: number;
  readonly dollars: number;
}

/** A month at the measured rate, or at the one that was asked for. */
export interface Bill {
  readonly lines: readonly BillLine[];
  readonly dollars: number;
  /** What would cost something and left no figure: nothing of it, or nobody counts it. */
  readonly notMeasured: readonly string[];
}

/** As AWS's price pages count it. */
export const MONTH_MS = 730 * 3_600_000;

/** What a month costs in which everything that is used is used `factor` times as much as was measured. */
export const billOf = (usage: Usage, factor: number): Bill => {
  const lines: BillLine[] = [];
  const notMeasured: string[] = [];
  for (const name of Object.keys(PRICES) as PriceName[]) {
    const { service, unit, dollarsPerUnit } = PRICES[name];
    const measured = usage[name];
    if (measured === undefined) {
      if (!isStanding(name)) notMeasured.push(`${service}: ${unit}`);
      continue;
    }
    const perMonth = isStanding(name) ? measured : measured * factor;
    lines.push({ service, unit, measured, perMonth, dollars: perMonth * dollarsPerUnit });
  }
  return { lines, dollars: lines.reduce((sum, { dollars }) => sum + dollars, 0), notMeasured };
};
