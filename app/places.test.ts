import { describe, expect, it } from 'vitest';
import { mayDo, places, placesFor } from './places.ts';

describe('places', () => {
  it('have an address and a key each, used once', () => {
    const keys = places.flatMap(({ key }) => (key === null ? [] : [key]));
    expect(new Set(keys).size).toBe(keys.length);
    expect(new Set(places.map(({ href }) => href)).size).toBe(places.length);
    expect(keys.every((key) => /^[a-z]$/.test(key))).toBe(true);
    // A page has a key; a tab of one, and a page below another, is found by search.
    for (const { href, key } of places) expect(/[?]|^\/hosts\/ssh$/.test(href), href).toBe(key === null);
  });

  it('are offered to those who may see them', () => {
    expect(mayDo('operator', 'viewer')).toBe(true);
    expect(mayDo('operator', 'admin')).toBe(false);
    expect(placesFor('viewer').map(({ href }) => href)).not.toContain('/hosts/add');
    expect(placesFor('admin')).toEqual(places);
  });
});
