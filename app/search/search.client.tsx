'use client';
import clsx from 'clsx';
import { useRouter } from 'next/navigation';
import { Dialog } from 'radix-ui';
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react';
import { searchEvent } from '../components/overlays.client.ts';
import type { Role } from '../places.ts';
import { findItems, type SearchIndex } from './find.ts';
import { pastedErrors, type SearchItem } from './items.ts';
import { useFarContainers, useIndex } from './use-index.client.ts';

interface SearchProps {
  readonly role: Role;
  /** False: whoever looks has no session to end. */
  readonly canSignOut: boolean;
}

/** How long what an action says stays before the box closes. */
const readMilliseconds = 1200;
const what = 'Search hosts, GPUs, containers, images, alerts, pages, actions';

/** Opens or does an item. Gives what an action said; the box then stays open to show it. */
function useRun(close: () => void) {
  const router = useRouter();
  const [said, setSaid] = useState<string | null>(null);
  useEffect(() => {
    if (said === null) return;
    const timer = setTimeout(close, readMilliseconds);
    return () => clearTimeout(timer);
  }, [said, close]);
  const run = async (item: SearchItem | undefined, inNewTab: boolean) => {
    if (item === undefined) return;
    const { target } = item;
    if ('action' in target) {
      const text = await target.action.run();
      if (text === undefined) close();
      else setSaid(text);
      return;
    }
    close();
    if (inNewTab) window.open(target.href, '_blank', 'noopener');
    else router.push(target.href);
  };
  return { said, run };
}

function steps(key: string, at: number, count: number): number | null {
  switch (key) {
    case 'ArrowDown':
      return at + 1 >= count ? 0 : at + 1;
    case 'ArrowUp':
      return at <= 0 ? count - 1 : at - 1;
    case 'PageDown':
      return Math.min(at + 6, count - 1);
    case 'PageUp':
      return Math.max(at - 6, 0);
    default:
      return null;
  }
}

/** What a pasted text is known as comes first; the same error by its words is no second answer. */
function foundItems(index: SearchIndex, text: string, far: readonly SearchItem[]): readonly SearchItem[] {
  const pasted = pastedErrors(text);
  const labels = new Set(pasted.map(({ label }) => label));
  const found = findItems(index, text).filter(({ kind, label }) => kind !== 'error' || !labels.has(label));
  return [...pasted, ...found, ...far];
}

function SearchBox({ role, canSignOut, close }: SearchProps & { close: () => void }) {
  const listId = useId();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const { index, first, hasFarContainers } = useIndex(role, canSignOut);
  const far = useFarContainers(text, hasFarContainers);
  const items = useMemo(
    () => (text.trim() === '' ? first : foundItems(index, text, far)),
    [text, index, first, far],
  );
  const { said, run } = useRun(close);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const next = steps(event.key, at, items.length);
    if (next !== null) setAt(next);
    else if (event.key === 'Enter') void run(items[at], event.ctrlKey || event.metaKey);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <input
        role="combobox"
        aria-expanded
        aria-controls={listId}
        aria-activedescendant={items.length > 0 ? `${listId}-${at}` : undefined}
        aria-label={what}
        placeholder={what}
        autoComplete="off"
        spellCheck={false}
        className="w-full border-b border-line bg-transparent px-4 py-3 text-base outline-none placeholder:text-faint"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <p role="status" className={said === null ? 'sr-only' : 'break-words px-4 py-3'}>
        {said ?? (text === '' ? '' : `${items.length} found`)}
      </p>
      {said === null ? (
        <SearchResults
          id={listId}
          items={items}
          at={at}
          setAt={setAt}
          open={(item) => void run(item, false)}
        />
      ) : null}
    </>
  );
}

interface ResultsProps {
  readonly id: string;
  readonly items: readonly SearchItem[];
  readonly at: number;
  readonly setAt: (index: number) => void;
  readonly open: (item: SearchItem) => void;
}

function SearchResults({ id, items, at, setAt, open }: ResultsProps) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.children[at]?.scrollIntoView({ block: 'nearest' });
  }, [at]);
  if (items.length === 0)
    return (
      <p id={id} className="px-4 py-4 text-muted">
        Nothing matches every word, nor comes near it.
      </p>
    );
  return (
    <div
      ref={list}
      id={id}
      role="listbox"
      aria-label="Results"
      className="max-h-[60vh] overflow-y-auto p-1.5"
    >
      {items.map((item, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the combobox has the keys
        <div
          key={`${item.kind} ${item.label} ${'href' in item.target ? item.target.href : item.target.action.id}`}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === at}
          tabIndex={-1}
          onClick={() => open(item)}
          onPointerMove={() => setAt(index)}
          className={clsx(
            'flex cursor-pointer items-baseline gap-3 rounded-md px-2.5 py-1.5',
            index === at && 'bg-raised',
          )}
        >
          <span className="w-16 shrink-0 text-xs text-muted">{item.kind}</span>
          <span className="max-w-[60%] shrink-0 truncate">{item.label}</span>
          <span className="truncate text-muted">{item.detail}</span>
        </div>
      ))}
    </div>
  );
}

/** `/` or Ctrl-K: leads to everything that has a page, and does what can be done from here. */
export function Search({ role, canSignOut }: SearchProps) {
  const [open, setOpen] = useState(false);
  const [close] = useState(() => () => setOpen(false));
  useEffect(() => {
    const onOpen = () => setOpen(true);
    addEventListener(searchEvent, onOpen);
    return () => removeEventListener(searchEvent, onOpen);
  }, []);
  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-[#0008]" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed left-1/2 top-[10vh] z-50 w-[min(40rem,calc(100vw-1.5rem))] -translate-x-1/2 overflow-hidden rounded-lg border border-line bg-surface shadow-xl"
        >
          <Dialog.Title className="sr-only">Search</Dialog.Title>
          <SearchBox role={role} canSignOut={canSignOut} close={close} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
