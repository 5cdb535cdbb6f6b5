import type { FoundError, KnownError, TroubledHost } from './known-error.ts';
import { knownErrors } from './known-errors.ts';
import { xidError, xidsIn } from './xid-errors.ts';

const longestText = 20_000;

/** Errors that a pasted text tells of, the most exact first; empty for a text that is none. Never throws. */
export function findErrors(text: string): readonly FoundError[] {
  // Terminals break lines where they end, and colour them.
  const told = text
    .slice(0, longestText)
    .replaceAll(/\p{Cc}\[[\d;]*m/gu, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
  if (told === '') return [];
  const xids = xidsIn(told).map(({ xid, text: said }) => ({ error: xidError(xid, said), asked: null }));
  const texts = knownErrors.flatMap((error) => {
    const match = error.patterns.map((pattern) => pattern.exec(told)).find((found) => found !== null);
    return match === undefined || match === null ? [] : [{ error, asked: match[1] ?? null }];
  });
  return [...xids, ...texts];
}

/** By its address; every Xid has one, `xid-79`. */
export function knownError(slug: string): KnownError | null {
  const xid = /^xid-(\d{1,4})$/.exec(slug)?.[1];
  if (xid !== undefined) return xidError(Number(xid));
  return knownErrors.find((error) => error.slug === slug) ?? null;
}

/** Whether a host has an error now, as its last report says. */
export function hasError(host: TroubledHost, { error, asked }: FoundError): boolean {
  const { failure, doctor } = host;
  if (failure !== null && (error.failureCodes ?? []).includes(failure.code)) return true;
  if (doctor?.findings.some(({ code }) => error.findings?.includes(code) === true)) return true;
  return error.isOn?.(host, asked) === true;
}
