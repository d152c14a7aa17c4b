export { StandingClock, type StandingClockMode, STANDS_STILL, type WaitingState } from './standing-clock.ts';
export type { WaitingCall, WaitingCalls } from './waiting-call.ts';
