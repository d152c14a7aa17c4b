import { createContext, useContext } from 'react';
import type { Where } from '../src/api.ts';

/** Whether changes were allowed in this page, and whom the console talks to. */
export interface Session {
  /** Absent as long as everything is read-only. */
  readonly session?: string;
  readonly where?: Where;
  readonly tell: (type: 'success' | 'error' | 'info', text: string) => void;
}

export const SessionContext = createContext<Session>({ tell: () => {} });

export const useSession = (): Session => useContext(SessionContext);
