import type { HttpRoute } from '../../core/index.ts';
import type { MailOutbox } from './mail-outbox.ts';

/** `GET /_holdfast/mail`: what email subscribers would have got. */
export const mailRoute = (outbox: MailOutbox): HttpRoute => ({
  path: 'mail',
  answer: ({ method, path }) =>
    method === 'GET' && path === ''
      ? {
          status: 200,
          headers: ['Content-Type', 'application/json'],
          body: `${JSON.stringify({ mails: outbox.mails() })}\n`,
        }
      : undefined,
});
