'use client';
import { useSearchParams } from 'next/navigation';
import { useCallback } from 'react';

type UrlValue = string | null | readonly string[];

/**
 * Changes query parameters in place; null, '' or an empty list removes one, a list repeats it. Next keeps
 * useSearchParams in step, no request is made.
 */
export function replaceInUrl(change: Readonly<Record<string, UrlValue>>): void {
  const params = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(change)) {
    params.delete(name);
    const values = value === null || value === '' ? [] : typeof value === 'string' ? [value] : value;
    for (const each of values) params.append(name, each);
  }
  const query = params.toString();
  history.replaceState(null, '', `${location.pathname}${query === '' ? '' : `?${query}`}${location.hash}`);
}

/** Like replaceInUrl, and the browser's back button takes it back: for what opens. */
export function pushInUrl(change: Readonly<Record<string, string | null>>): void {
  const params = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(change))
    if (value === null || value === '') params.delete(name);
    else params.set(name, value);
  const query = params.toString();
  history.pushState(null, '', `${location.pathname}${query === '' ? '' : `?${query}`}`);
}

/** One choice of a closed list, kept in the address; the first is the default and stays out of it. */
export function useUrlChoice<T extends string>(
  name: string,
  choices: readonly [T, ...T[]],
): readonly [T, (value: T) => void] {
  const asked = useSearchParams().get(name);
  const value = choices.find((choice) => choice === asked) ?? choices[0];
  const first = choices[0];
  const set = useCallback((next: T) => replaceInUrl({ [name]: next === first ? null : next }), [name, first]);
  return [value, set];
}

/** Free text in the address. */
export function useUrlText(name: string): readonly [string, (value: string) => void] {
  const value = useSearchParams().get(name) ?? '';
  const set = useCallback((next: string) => replaceInUrl({ [name]: next }), [name]);
  return [value, set];
}
