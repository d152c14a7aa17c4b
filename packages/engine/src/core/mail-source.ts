import type { EpochMs } from '@holdfast/kernel';

/** A mail that would have been sent. */
export interface CapturedMail {
  readonly at: EpochMs;
  readonly to: string;
  readonly topicArn: string;
  readonly subject: string;
  /** The message as published (`email`), or the envelope as JSON (`email-json`). */
  readonly body: string;
}

/** Mails captured instead of sent; SNS lends them. */
export interface MailSource {
  /** Oldest first. */
  mails(): readonly CapturedMail[];
}
