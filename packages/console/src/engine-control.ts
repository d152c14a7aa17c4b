import type { Clock, LyingMessage, Mail, MessagesPage } from './api.ts';
import { RefusedError } from './refused.ts';

const PAGE = 50;

/** What only the engine has: its clock, captured mail, and a look at queues that counts no receive. */
export class EngineControl {
  readonly #endpoint: string | undefined;

  /** @param endpoint - of the engine; AWS has none */
  constructor(endpoint: string | undefined) {
    this.#endpoint = endpoint;
  }

  clock(): Promise<Clock> {
    return this.#ask('clock');
  }

  steerClock(change: { readonly mode?: string; readonly advance?: string }): Promise<Clock> {
    return this.#ask('clock', change);
  }

  /** Youngest first. */
  async mail(): Promise<readonly Mail[]> {
    const { mails } = await this.#ask<{ mails: readonly Mail[] }>('mail');
    return mails.toReversed();
  }

  async messages(arn: string, after = 0): Promise<MessagesPage> {
    const [, region, account, name] = /^arn:[\w-]+:sqs:([\w-]+):(\d{12}):([\w.-]+)$/.exec(arn) ?? [];
    if (name === undefined) throw new RefusedError(`arn: "${arn}" must be the ARN of a queue`);
    const { messages, next } = await this.#ask<{ messages: readonly LyingMessage[]; next?: number }>(
      `queues/${account}/${region}/${name}/messages?limit=${PAGE}&after=${Number(after)}`,
    );
    return {
      messages: messages.map(({ messageId, body, state, arrivedAt, expiresAt }) => ({
        messageId,
        body,
        state,
        arrivedAt,
        expiresAt,
      })),
      ...(next === undefined ? {} : { next }),
    };
  }

  async #ask<Answer>(path: string, change?: object): Promise<Answer> {
    if (this.#endpoint === undefined) throw new RefusedError('only the local engine has that; AWS has not');
    const answer = await fetch(new URL(`/_holdfast/${path}`, this.#endpoint), {
      ...(change === undefined
        ? {}
        : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(change) }),
    });
    const content = (await answer.json()) as Answer & { message?: string };
    if (!answer.ok) throw new RefusedError(content.message ?? `the engine answered with HTTP ${answer.status}`);
    return content;
  }
}
