import type { HttpRoute, RequestContext, RouteAnswer, RouteRequest, ServiceEnvironment } from '../../core/index.ts';
import type { DashboardRegistry, StoredDashboard } from './dashboard-operations.ts';
import { readInstant, type TimeRange, type WidgetSources, widgetContent } from './widget-view.ts';

const DEFAULT_RANGE_MS = 3 * 3_600_000;
/** A widget without a place: six wide and high, one after the other. */
const DEFAULT_SIZE = 6;
const COLUMNS = 24;

/** Nothing but the page's own script, style and data; no inline code at all. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const answer = (status: number, contentType: string, body: string | Uint8Array): RouteAnswer => ({
  status,
  headers: [
    ...['Content-Type', contentType],
    ...['Content-Security-Policy', POLICY],
    ...['X-Content-Type-Options', 'nosniff'],
    ...['Referrer-Policy', 'no-referrer'],
    ...['Cache-Control', 'no-store'],
  ],
  body,
});

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);

const shell = (title: string, content: string): RouteAnswer =>
  answer(
    200,
    'text/html; charset=utf-8',
    `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/_holdfast/dashboard-assets/page.css">
</head>
<body>
${content}
</body>
</html>
`,
  );

const dashboardShell = ({ name }: StoredDashboard): RouteAnswer =>
  shell(
    name,
    `<header><a href="/_holdfast/dashboards">Dashboards</a><h1>${escaped(name)}</h1><form id="controls"></form></header>
<main id="widgets" data-dashboard="${escaped(name)}"></main>
<script type="module" src="/_holdfast/dashboard-assets/page.js"></script>`,
  );

const listShell = (dashboards: readonly StoredDashboard[]): RouteAnswer =>
  shell(
    'Dashboards',
    `<header><h1>Dashboards</h1></header>
<main class="list">${
      dashboards.length === 0
        ? '<p>There is none. PutDashboard makes one.</p>'
        : `<ul>${dashboards.map(({ name }) => `<li><a href="/_holdfast/dashboards/${name}">${escaped(name)}</a></li>`).join('')}</ul>`
    }</main>`,
  );

interface Body {
  readonly start?: string;
  readonly end?: string;
  readonly widgets: readonly Record<string, unknown>[];
}

/** Places of widgets; those that have none stand side by side, then below. */
const placed = (widgets: Body['widgets']) => {
  let [x, y, rowHeight] = [0, 0, 0];
  return widgets.map((widget) => {
    const width = (widget['width'] as number | undefined) ?? DEFAULT_SIZE;
    const height = (widget['height'] as number | undefined) ?? DEFAULT_SIZE;
    if (widget['x'] !== undefined && widget['y'] !== undefined) {
      return { x: widget['x'] as number, y: widget['y'] as number, width, height };
    }
    if (x + width > COLUMNS) [x, y, rowHeight] = [0, y + rowHeight, 0];
    const place = { x, y, width, height };
    x += width;
    rowHeight = Math.max(rowHeight, height);
    return place;
  });
};

const rangeOf = (body: Body, query: URLSearchParams, now: number): TimeRange => {
  const end = readInstant(query.get('end') ?? body.end, now) ?? now;
  const start = readInstant(query.get('start') ?? body.start, now) ?? end - DEFAULT_RANGE_MS;
  return start < end ? { start, end } : { start: end - DEFAULT_RANGE_MS, end };
};

/**
 * `/_holdfast/dashboards`: the dashboards, each drawn with its data, and `/<name>/data` with what is drawn as JSON. The
 * script and the style are assets of the painter.
 */
export const dashboardRoutes = (
  registry: DashboardRegistry,
  sources: WidgetSources,
  environment: ServiceEnvironment,
): readonly HttpRoute[] => {
  const data = (dashboard: StoredDashboard, request: RouteRequest): RouteAnswer => {
    const { account, region } = request;
    const now = environment.clock.now();
    const context: RequestContext = { account, region, now, requestId: environment.ids.uuid() };
    const body = JSON.parse(dashboard.body) as Body;
    const range = rangeOf(body, new URLSearchParams(request.query), now);
    const places = placed(body.widgets);
    const widgets = body.widgets.map((widget, index) => ({
      ...places[index],
      content: widgetContent(widget, range, sources, context),
    }));
    return answer(200, 'application/json', JSON.stringify({ name: dashboard.name, now, ...range, widgets }));
  };
  return [
    {
      path: 'dashboards',
      answer: (request) => {
        if (environment.charts === undefined || request.method !== 'GET') return undefined;
        const [, name = '', part, ...more] = request.path.split('/');
        if (name === '' && part === undefined) return listShell(registry.list(request.account));
        const dashboard = registry.find(request.account, decodeURIComponent(name));
        if (dashboard === undefined || more.length > 0) return undefined;
        if (part === undefined || part === '') return dashboardShell(dashboard);
        return part === 'data' ? data(dashboard, request) : undefined;
      },
    },
    {
      path: 'dashboard-assets',
      answer: async ({ method, path }) => {
        const asset = method === 'GET' ? await environment.charts?.asset(path.slice(1)) : undefined;
        return asset === undefined ? undefined : answer(200, asset.contentType, asset.body);
      },
    },
  ];
};
