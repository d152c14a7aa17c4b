import AppLayout from '@cloudscape-design/components/app-layout';
import Flashbar, { type FlashbarProps } from '@cloudscape-design/components/flashbar';
import SideNavigation from '@cloudscape-design/components/side-navigation';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Toggle from '@cloudscape-design/components/toggle';
import { applyMode, Mode } from '@cloudscape-design/global-styles';
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from 'react';
import { hrefOf, useAddress } from './address.ts';
import { call } from './client.ts';
import { type Session, SessionContext } from './session.tsx';
import { useCall } from './use-call.ts';

const PAGES = {
  overview: { title: 'Overview', Page: lazy(() => import('./overview.tsx')), isOfEngine: false },
  failures: { title: 'Failures', Page: lazy(() => import('./failures.tsx')), isOfEngine: false },
  redrive: { title: 'Bring back', Page: lazy(() => import('./redrive.tsx')), isOfEngine: false },
  jobs: { title: 'Redrive jobs', Page: lazy(() => import('./jobs.tsx')), isOfEngine: false },
  executions: { title: 'Executions', Page: lazy(() => import('./executions.tsx')), isOfEngine: false },
  clock: { title: 'Clock', Page: lazy(() => import('./clock.tsx')), isOfEngine: true },
  mail: { title: 'Mail', Page: lazy(() => import('./mail.tsx')), isOfEngine: true },
} as const;

/** Pages about one thing, which no list of pages leads to. */
const MORE = {
  failure: { title: 'Failure', Page: lazy(() => import('./failure.tsx')) },
  queue: { title: 'Queue', Page: lazy(() => import('./queue.tsx')) },
} as const;

const DARK = 'holdfast-dark';

/** As the system has it, until somebody chooses. */
const beginsDark = (): boolean => {
  const chosen = localStorage.getItem(DARK);
  return chosen === null ? matchMedia('(prefers-color-scheme: dark)').matches : chosen === 'true';
};

export const App = () => {
  const { page, about } = useAddress();
  const [session, setSession] = useState<string>();
  const [isDark, setIsDark] = useState(beginsDark);
  const [flashes, setFlashes] = useState<readonly FlashbarProps.MessageDefinition[]>([]);
  const where = useCall(() => call('where', {}), []).value;
  const isEngine = where?.isEngine ?? false;
  useEffect(() => applyMode(isDark ? Mode.Dark : Mode.Light), [isDark]);
  const tell = useCallback<Session['tell']>((type, content) => {
    const id = `${Date.now()}`;
    const onDismiss = () => setFlashes((before) => before.filter((flash) => flash.id !== id));
    const flash = { id, type, content, dismissible: true, dismissLabel: 'Dismiss', onDismiss };
    setFlashes((before) => [flash, ...before].slice(0, 3));
  }, []);
  const known: { title: string; Page: React.ComponentType } =
    { ...PAGES, ...MORE }[page as keyof typeof PAGES | keyof typeof MORE] ?? PAGES.overview;
  const { title, Page } = known;
  useEffect(() => {
    document.title = `${title} – Holdfast`;
  }, [title]);
  const toggle = async (isAllowed: boolean) => {
    try {
      if (isAllowed) setSession((await call('allow', {})).session);
      else {
        if (session !== undefined) await call('forbid', { session });
        setSession(undefined);
      }
    } catch (error) {
      tell('error', (error as Error).message);
    }
  };
  const shared = useMemo<Session>(
    () => ({ tell, ...(session === undefined ? {} : { session }), ...(where === undefined ? {} : { where }) }),
    [session, where, tell],
  );
  const whom =
    where === undefined
      ? '…'
      : isEngine
        ? `the engine at ${where.endpoint}`
        : (where.endpoint ?? `AWS, ${where.region}`);
  return (
    <SessionContext.Provider value={shared}>
      <AppLayout
        toolsHide
        ariaLabels={{
          navigation: 'Pages',
          navigationClose: 'Close the list of pages',
          navigationToggle: 'Open the list of pages',
        }}
        navigation={
          <SideNavigation
            header={{ href: hrefOf('overview'), text: 'Holdfast' }}
            activeHref={hrefOf(page)}
            items={[
              ...Object.entries(PAGES)
                .filter(([, { isOfEngine }]) => isEngine || !isOfEngine)
                .map(([name, each]) => ({ type: 'link' as const, text: each.title, href: hrefOf(name) })),
              ...(isEngine
                ? [{ type: 'link' as const, text: 'Dashboards', href: '/_holdfast/dashboards', external: true }]
                : []),
            ]}
          />
        }
        notifications={<Flashbar items={flashes} />}
        content={
          <SpaceBetween size="m">
            <SpaceBetween direction="horizontal" size="l">
              <StatusIndicator type={session === undefined ? 'success' : 'warning'}>
                {session === undefined ? `Read-only, on ${whom}` : `Changes are allowed on ${whom}`}
              </StatusIndicator>
              <Toggle checked={session !== undefined} onChange={({ detail }) => void toggle(detail.checked)}>
                Allow changes: redrive jobs{isEngine ? ', the clock' : ''}
              </Toggle>
              <Toggle
                checked={isDark}
                onChange={({ detail }) => {
                  localStorage.setItem(DARK, String(detail.checked));
                  setIsDark(detail.checked);
                }}
              >
                Dark
              </Toggle>
            </SpaceBetween>
            <Suspense fallback={<StatusIndicator type="loading">Opening</StatusIndicator>}>
              <Page key={`${page}?${about}`} />
            </Suspense>
          </SpaceBetween>
        }
      />
    </SessionContext.Provider>
  );
};
