import { expect, it } from 'vitest';
import { mostCaptureBytes } from '../model/index.ts';
import { createCaptures } from './captures.ts';

function clocked() {
  let millis = 1_000_000;
  return {
    captures: createCaptures(() => millis),
    pass(seconds: number): void {
      millis += seconds * 1000;
    },
  };
}

it('is wanted until it is sent, once, by the host that was asked', () => {
  const { captures } = clocked();
  expect(captures.wanted('a')).toBeNull();
  captures.ask('a', 'user x');
  const id = captures.wanted('a') ?? '';
  captures.ask('a', 'user y');
  expect(captures.wanted('a')).toBe(id);
  expect(captures.view('a')).toMatchObject({ state: 'asked', askedBy: 'user x', path: null });
  expect(captures.take('b', id, Buffer.from('x'))).toBe(false);
  expect(captures.take('a', 'other', Buffer.from('x'))).toBe(false);
  expect(captures.take('a', id, Buffer.from('x'))).toBe(true);
  expect(captures.take('a', id, Buffer.from('y'))).toBe(false);
  expect(captures.wanted('a')).toBeNull();
  expect(captures.view('a')).toMatchObject({ state: 'ready', bytes: 1, path: `/api/v1/captures/${id}` });
  expect(captures.archive(id)?.archive.toString()).toBe('x');
});

it('says why there is none, and forgets in time', () => {
  const { captures, pass } = clocked();
  captures.ask('a', 'x');
  const id = captures.wanted('a') ?? '';
  pass(181);
  expect(captures.wanted('a')).toBeNull();
  expect(captures.view('a')).toMatchObject({
    state: 'failed',
    message: expect.stringContaining('within 3 minutes'),
  });
  expect(captures.take('a', id, Buffer.from('late'))).toBe(false);
  pass(901);
  expect(captures.view('a').state).toBe('none');

  captures.ask('a', 'x');
  expect(captures.fail('a', captures.wanted('a') ?? '', 'no room')).toBe(true);
  expect(captures.view('a')).toMatchObject({ state: 'failed', message: expect.stringContaining('no room') });

  captures.ask('a', 'x');
  const next = captures.wanted('a') ?? '';
  captures.take('a', next, Buffer.from('x'));
  pass(901);
  expect(captures.archive(next)).toBeNull();
});

it('keeps no more than it may: the oldest gives way', () => {
  const { captures, pass } = clocked();
  const ids = Array.from({ length: 10 }, (_, at) => {
    pass(1);
    captures.ask(`h${at}`, 'x');
    const id = captures.wanted(`h${at}`) ?? '';
    captures.take(`h${at}`, id, Buffer.alloc(mostCaptureBytes));
    return id;
  });
  expect(ids.map((id) => captures.archive(id) !== null)).toEqual([false, false, ...Array(8).fill(true)]);
});
