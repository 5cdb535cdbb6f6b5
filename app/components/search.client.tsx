'use client';
import clsx from 'clsx';
import { useRouter } from 'next/navigation';
import { Dialog } from 'radix-ui';
import { type KeyboardEvent, useEffect, useId, useMemo, useState } from 'react';
import type { ContainerView, Page } from '../../lib/model/index.ts';
import { useFleetHosts } from '../stream/hooks.client.ts';
import { searchEvent } from './overlays.client.ts';
import { containerItem, findItems, type SearchItem } from './search-items.ts';

const none: readonly never[] = [];

/** Containers are not on the fleet topic; the hub is asked while someone types. */
function useContainers(text: string): readonly SearchItem[] {
  const [items, setItems] = useState<readonly SearchItem[]>(none);
  useEffect(() => {
    if (text.trim().length < 2) {
      setItems(none);
      return;
    }
    const abort = new AbortController();
    const ask = async () => {
      const answer = await fetch(`/api/v1/containers?limit=6&q=${encodeURIComponent(text.trim())}`, {
        signal: AbortSignal.any([abort.signal, AbortSignal.timeout(5_000)]),
      });
      if (answer.ok) setItems(((await answer.json()) as Page<ContainerView>).items.map(containerItem));
    };
    const timer = setTimeout(() => void ask().catch(() => setItems(none)), 150);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [text]);
  return items;
}

function SearchBox({ close }: { close: () => void }) {
  const router = useRouter();
  const listId = useId();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const hosts = useFleetHosts(none);
  const containers = useContainers(text);
  const items = useMemo(() => [...findItems(text, hosts), ...containers], [text, hosts, containers]);
  const open = (item: SearchItem | undefined) => {
    if (item === undefined) return;
    close();
    router.push(item.href);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setAt((now) => Math.min(now + 1, items.length - 1));
    else if (event.key === 'ArrowUp') setAt((now) => Math.max(now - 1, 0));
    else if (event.key === 'Enter') open(items[at]);
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
        aria-label="Search hosts, GPUs, containers, pages"
        placeholder="Search hosts, GPUs, containers, pages"
        className="w-full border-b border-line bg-transparent px-4 py-3 text-base outline-none placeholder:text-faint"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <SearchResults id={listId} items={items} at={at} setAt={setAt} open={open} />
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
  return (
    <div id={id} role="listbox" aria-label="Results" className="max-h-[60vh] overflow-y-auto p-1.5">
      {items.map((item, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the combobox has the keys
        <div
          key={`${item.kind} ${item.href} ${item.label}`}
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
          <span className="shrink-0">{item.label}</span>
          <span className="truncate text-muted">{item.detail}</span>
        </div>
      ))}
      {items.length === 0 ? <p className="px-2.5 py-3 text-muted">Nothing matches every word.</p> : null}
    </div>
  );
}

/** `/` or Ctrl-K. */
export function Search() {
  const [open, setOpen] = useState(false);
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
          <SearchBox close={() => setOpen(false)} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
