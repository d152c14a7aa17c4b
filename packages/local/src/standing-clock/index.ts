export { STANDS_STILL, StandingClock, type StandingClockMode, type WaitingState } from './standing-clock.ts';
export type { WaitingCall, WaitingCalls } from './waiting-call.ts';
