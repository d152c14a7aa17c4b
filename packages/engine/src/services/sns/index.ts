export type { CapturedMail } from './mail-outbox.ts';
export { SnsService } from './service.ts';
