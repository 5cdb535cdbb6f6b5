'use client';

/**
 * Dialogs lock scrolling with a style element; its library takes the nonce that the policy asks for from this global.
 * The first one stays: a later render brings the nonce of another answer, and the document keeps its policy.
 */
export function PolicyNonce({ nonce }: { readonly nonce: string | undefined }) {
  const name = '__webpack_nonce__';
  if (typeof document !== 'undefined' && nonce !== undefined && !Reflect.has(globalThis, name))
    Reflect.set(globalThis, name, nonce);
  return null;
}
