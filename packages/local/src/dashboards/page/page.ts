import type { ChartView, WidgetContent } from '@holdfast/engine';
import { type EChartsType, init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import markdownIt from 'markdown-it';
import { chartOption, shortNumber } from '../chart-option.ts';
import { useCharts } from '../charts.ts';
import { timeControls } from './time-controls.ts';

interface Placed {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly content: WidgetContent;
}

interface DashboardData {
  readonly start: number;
  readonly end: number;
  readonly widgets: readonly Placed[];
}

/** A row of the grid, as in the console. */
const ROW_PX = 50;

useCharts();
use([CanvasRenderer]);
// HTML inside Markdown stays text.
const markdown = markdownIt({ html: false, linkify: true });

const element = <Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  className: string,
  text = '',
): HTMLElementTagNameMap[Tag] => {
  const made = document.createElement(tag);
  if (className !== '') made.className = className;
  made.textContent = text;
  return made;
};

const table = (columns: readonly string[], rows: readonly (readonly string[])[]): HTMLTableElement => {
  const made = element('table', '');
  const head = made.createTHead().insertRow();
  for (const column of columns) head.append(element('th', '', column));
  const body = made.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    for (const cell of row) line.append(element('td', '', cell));
  }
  return made;
};

const metricTable = (view: ChartView): HTMLTableElement => {
  const shown = (value: number | undefined): string => (value === undefined ? '--' : shortNumber(value));
  return table(
    ['Label', 'Min', 'Max', 'Sum', 'Average', 'Last'],
    view.series.map(({ label, points }) => {
      const values = points.map(([, value]) => value);
      if (values.length === 0) return [label, '--', '--', '--', '--', '--'];
      const sum = values.reduce((total, value) => total + value, 0);
      return [
        label,
        shown(Math.min(...values)),
        shown(Math.max(...values)),
        shown(sum),
        shown(sum / values.length),
        shown(values.at(-1)),
      ];
    }),
  );
};

/** One widget on the page; its chart stays as long as the page does. */
class Widget {
  readonly figure = element('figure', 'widget');
  readonly #caption = element('figcaption', '');
  readonly #content = element('div', 'content');
  #chart: EChartsType | undefined;

  constructor({ x, y, width, height }: Placed) {
    const { style } = this.figure;
    style.gridColumn = `${x + 1} / span ${width}`;
    style.gridRow = `${y + 1} / span ${height}`;
    style.minHeight = `${height * ROW_PX}px`;
    this.figure.append(this.#caption, this.#content);
    new ResizeObserver(() => this.#chart?.resize()).observe(this.#content);
  }

  show(content: WidgetContent): void {
    this.figure.dataset['kind'] = content.kind === 'chart' ? content.view : content.kind;
    this.#caption.textContent = 'title' in content ? content.title : '';
    if (content.kind === 'chart' && content.view !== 'table') {
      this.#chart ??= init(this.#content);
      this.#chart.setOption(chartOption(content), true);
      this.figure.dataset['points'] = String(content.series.reduce((sum, { points }) => sum + points.length, 0));
      return;
    }
    this.#content.replaceChildren();
    if (content.kind === 'chart') this.#content.append(metricTable(content));
    else if (content.kind === 'text') this.#content.innerHTML = markdown.render(content.markdown);
    else if (content.kind === 'log') this.#content.append(table(content.columns, content.rows));
    else if (content.kind === 'note') this.#content.append(element('p', 'note', content.text));
    else {
      for (const { name, state, reason, since } of content.alarms) {
        const line = element('div', `alarm ${state}`);
        line.title = reason;
        line.append(element('strong', '', name), element('span', '', state.replace('_', ' ')));
        line.append(element('time', '', new Date(since).toISOString()));
        this.#content.append(line);
      }
    }
  }
}

const main = document.querySelector<HTMLElement>('#widgets');
const form = document.querySelector<HTMLFormElement>('#controls');
if (main !== null && form !== null) {
  const name = main.dataset['dashboard'] as string;
  let widgets: Widget[] = [];
  const status = element('output', '');

  const load = async (query: string): Promise<void> => {
    const response = await fetch(`/_holdfast/dashboards/${encodeURIComponent(name)}/data?${query}`);
    if (!response.ok) throw new Error(`the engine answers ${response.status}`);
    const data = (await response.json()) as DashboardData;
    if (widgets.length !== data.widgets.length) {
      widgets = data.widgets.map((placed) => new Widget(placed));
      main.replaceChildren(...widgets.map(({ figure }) => figure));
    }
    data.widgets.forEach(({ content }, index) => {
      widgets[index]?.show(content);
    });
    status.textContent = `${new Date(data.start).toISOString()} – ${new Date(data.end).toISOString()}`;
    main.dataset['loaded'] = String(data.end);
  };
  timeControls(form, (query) =>
    load(query).catch((error: unknown) => {
      status.textContent = error instanceof Error ? error.message : String(error);
    }),
  );
  form.append(status);
}
