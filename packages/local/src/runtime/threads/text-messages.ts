/**
 * The two messages that each warm invocation takes, as texts: V8 writes and reads objects member by member, name and value,
 * which takes twice to four times as long (5.3 µs for both ways, 1.7 as texts).
 */
import type { FromEnvironment, ToEnvironment } from './protocol.ts';

type Invoke = Extract<ToEnvironment, { readonly type: 'invoke' }>;
type Done = Extract<FromEnvironment, { readonly type: 'done' }>;

const HEAD_END = ';';
const BETWEEN = ',';

/** The lengths of all parts but the last and how long it was held, and then the parts: any of them may hold anything. */
export const textOfInvoke = (invoke: Invoke): string => {
  const { requestId, traceHeader, invokedFunctionArn, clientContext, heldMs, payload } = invoke;
  const context = clientContext === undefined ? '' : String(clientContext.length);
  const head = `${requestId.length}${BETWEEN}${traceHeader.length}${BETWEEN}${invokedFunctionArn.length}${BETWEEN}${context}${BETWEEN}${heldMs ?? ''}${HEAD_END}`;
  return head + requestId + traceHeader + invokedFunctionArn + (clientContext ?? '') + payload;
};

export const invokeOfText = (text: string): Invoke => {
  const headEnd = text.indexOf(HEAD_END);
  const lengths = text.slice(0, headEnd).split(BETWEEN);
  let at = headEnd + 1;
  const next = (length: string | undefined): string => {
    const from = at;
    at += Number(length);
    return text.slice(from, at);
  };
  return {
    type: 'invoke',
    requestId: next(lengths[0]),
    traceHeader: next(lengths[1]),
    invokedFunctionArn: next(lengths[2]),
    clientContext: lengths[3] === '' ? undefined : next(lengths[3]),
    heldMs: lengths[4] === '' ? undefined : Number(lengths[4]),
    payload: text.slice(at),
  };
};

/** Of an invocation that has succeeded, in an environment that lives on. */
export const textOfDone = (payload: string, memoryBytes: number): string => `${memoryBytes}${HEAD_END}${payload}`;

/** `undefined` for what is none. */
export const doneOfText = (text: string): Done | undefined => {
  const headEnd = text.indexOf(HEAD_END);
  const memoryBytes = headEnd < 1 ? Number.NaN : Number(text.slice(0, headEnd));
  return Number.isFinite(memoryBytes) ? { type: 'done', payload: text.slice(headEnd + 1), memoryBytes } : undefined;
};
