import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { ErrorReport } from './error-report.ts';

describe('ErrorReport', () => {
  it('gives back every cell as it came, however many rows there are', () => {
    const report = new ErrorReport();
    const cells = ['a,b', 'say "x"', 'two\nlines', 'ü ☕', '', ' blank '];
    report.begin(['1', '2', '3', '4', '5', '6']);
    for (let line = 2; line < 5_002; line++) report.add({ line, reasons: ['one', 'two'], cells });

    const rows: string[][] = parse(report.toBytes());

    expect(report.rows).toBe(5_000);
    expect(rows[0]).toEqual(['row_number', 'reason', '1', '2', '3', '4', '5', '6']);
    expect(rows).toHaveLength(5_001);
    expect(rows.slice(1).every((row, index) => row[0] === String(index + 2))).toBe(true);
    expect(rows.at(-1)).toEqual(['5001', 'one; two', ...cells]);
  });
});
