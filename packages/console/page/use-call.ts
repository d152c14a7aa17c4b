import { useCallback, useEffect, useRef, useState } from 'react';

export interface Called<Value> {
  readonly value: Value | undefined;
  readonly error: string | undefined;
  readonly isLoading: boolean;
  readonly reload: () => void;
}

/** Calls when what it depends on changes, and again each so many milliseconds while the page is seen. */
export const useCall = <Value>(make: () => Promise<Value>, on: readonly unknown[], everyMs?: number): Called<Value> => {
  const [state, setState] = useState<{ value?: Value; error?: string; isLoading: boolean }>({ isLoading: true });
  const latest = useRef(make);
  latest.current = make;
  const turn = useRef(0);
  const key = JSON.stringify(on);
  const reload = useCallback(() => {
    turn.current += 1;
    const mine = turn.current;
    // An answer that was overtaken is not shown.
    const show = (next: { value?: Value; error?: string }) => {
      if (mine === turn.current) setState((before) => ({ ...before, error: undefined, ...next, isLoading: false }));
    };
    latest.current().then(
      (value) => show({ value }),
      (error: Error) => show({ error: error.message }),
    );
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for what is asked
  useEffect(() => {
    reload();
    if (everyMs === undefined) return undefined;
    const timer = setInterval(() => document.hidden || reload(), everyMs);
    return () => clearInterval(timer);
  }, [key, reload, everyMs]);
  return { value: state.value, error: state.error, isLoading: state.isLoading, reload };
};
