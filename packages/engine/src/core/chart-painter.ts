import type { EpochMs } from '@holdfast/kernel';

/** One line, bar, slice or number of a widget. */
export interface SeriesView {
  readonly label: string;
  readonly color?: string | undefined;
  readonly axis: 'left' | 'right';
  /** Oldest first. */
  readonly points: readonly (readonly [at: EpochMs, value: number])[];
}

export interface AxisView {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly label?: string | undefined;
}

/** A line across a chart, and what is shaded beside it. */
export interface HorizontalView {
  readonly value: number;
  readonly label?: string | undefined;
  readonly color?: string | undefined;
  readonly fill?: 'above' | 'below' | undefined;
}

export type ChartKind = 'timeSeries' | 'singleValue' | 'gauge' | 'bar' | 'pie' | 'table';

/** Metrics of a widget with their data. */
export interface ChartView {
  readonly kind: 'chart';
  readonly title: string;
  readonly view: ChartKind;
  readonly isStacked: boolean;
  /** A number or gauge shows the whole time range, or its latest period. */
  readonly hasSparkline: boolean;
  readonly series: readonly SeriesView[];
  readonly left: AxisView;
  readonly right: AxisView;
  readonly horizontal: readonly HorizontalView[];
  readonly vertical: readonly { readonly at: EpochMs; readonly label?: string | undefined }[];
  readonly start: EpochMs;
  readonly end: EpochMs;
}

/** A widget as it is drawn: what it is of, with its data. */
export type WidgetContent =
  | ChartView
  | { readonly kind: 'text'; readonly markdown: string }
  | {
      readonly kind: 'alarms';
      readonly title: string;
      readonly alarms: readonly {
        readonly name: string;
        readonly state: string;
        readonly reason: string;
        readonly since: EpochMs;
      }[];
    }
  | {
      readonly kind: 'log';
      readonly title: string;
      readonly columns: readonly string[];
      readonly rows: readonly (readonly string[])[];
    }
  /** What cannot be drawn, and why. */
  | { readonly kind: 'note'; readonly title: string; readonly text: string };

/** Draws what CloudWatch shows; it lives outside the pure ring, with the charting library. */
export interface ChartPainter {
  /** A chart as PNG. */
  paint(view: ChartView, width: number, height: number): Promise<Uint8Array>;
  /** A file that the page of dashboards loads. */
  asset(name: string): Promise<{ readonly contentType: string; readonly body: Uint8Array } | undefined>;
}
