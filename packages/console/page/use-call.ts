import { useCallback, useEffect, useRef, useState } from 'react';

export interface Called<Value> {
  readonly value: Value | undefined;
  readonly error: string | undefined;
  readonly isLoading: boolean;
  readonly reload: () => void;
}

/**
 * Calls when what it depends on changes, and again each so many milliseconds while the page is seen; how many may hang on
 * what was answered.
 */
export const useCall = <Value>(
  make: () => Promise<Value>,
  on: readonly unknown[],
  every?: number | ((value: Value | undefined) => number | undefined),
): Called<Value> => {
  const [state, setState] = useState<{ value?: Value; error?: string; isLoading: boolean }>({ isLoading: true });
  const everyMs = typeof every === 'function' ? every(state.value) : every;
  const latest = useRef(make);
  latest.current = make;
  const turn = useRef(0);
  const isPending = useRef(false);
  const key = JSON.stringify(on);
  const reload = useCallback(() => {
    turn.current += 1;
    const mine = turn.current;
    isPending.current = true;
    // An answer that was overtaken is not shown.
    const show = (next: { value?: Value; error?: string }) => {
      if (mine !== turn.current) return;
      isPending.current = false;
      setState((before) => ({ ...before, error: undefined, ...next, isLoading: false }));
    };
    latest.current().then(
      (value) => show({ value }),
      (error: Error) => show({ error: error.message }),
    );
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for what is asked
  useEffect(reload, [key, reload]);
  useEffect(() => {
    if (everyMs === undefined) return undefined;
    // Answers that take longer than that would overtake each other, and none would be shown.
    const timer = setInterval(() => document.hidden || isPending.current || reload(), everyMs);
    return () => clearInterval(timer);
  }, [reload, everyMs]);
  return { value: state.value, error: state.error, isLoading: state.isLoading, reload };
};
