'use client';

/** Ends the session. A form, not a fetch: the hub's answer may lead on to a provider that ends its own session too. */
export function signOut(): void {
  const form = document.createElement('form');
  form.method = 'post';
  form.action = '/logout';
  form.hidden = true;
  document.body.append(form);
  form.submit();
}
