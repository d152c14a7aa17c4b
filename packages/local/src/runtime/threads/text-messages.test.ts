import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { doneOfText, invokeOfText, textOfDone, textOfInvoke } from './text-messages.ts';

/** Any units at all, halves of characters and what stands between the parts included. */
const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom(';', ',', '1', '\ud800') }));

describe('messages of an invocation as texts', () => {
  it('say the same, whatever they hold', () => {
    const invokes = fc.record({
      type: fc.constant('invoke' as const),
      requestId: text,
      payload: text,
      invokedFunctionArn: text,
      traceHeader: text,
      clientContext: fc.option(text, { nil: undefined }),
      heldMs: fc.option(fc.nat(900_000), { nil: undefined }),
    });
    fc.assert(
      fc.property(invokes, text, fc.maxSafeNat(), (invoke, payload, memoryBytes) => {
        expect(invokeOfText(textOfInvoke(invoke))).toEqual(invoke);
        expect(doneOfText(textOfDone(payload, memoryBytes))).toEqual({ type: 'done', payload, memoryBytes });
      }),
    );
  });

  it.each(['', ';', 'x;1', ';1', 'null', 'Infinity;1', 'NaN;'])('%j is no end of an invocation', (forged) => {
    expect(doneOfText(forged)).toBeUndefined();
  });
});
