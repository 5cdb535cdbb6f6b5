'use client';
import { useRouter } from 'next/navigation';
import { Dialog } from 'radix-ui';
import { useEffect, useRef, useState } from 'react';
import { placesFor, type Role } from '../places.ts';
import { helpEvent, openHelp, openSearch } from './overlays.client.ts';

const goKeysOf = (role: Role): ReadonlyMap<string, string> =>
  new Map(placesFor(role).flatMap(({ key, href }) => (key === null ? [] : [[key, href] as const])));

const listFor = (role: Role): readonly (readonly [string, string])[] => [
  ['/ or Ctrl-K', 'Search hosts, GPUs, containers, images, alerts, pages, actions'],
  ...placesFor(role).flatMap(({ key, label }) => (key === null ? [] : [[`g ${key}`, label] as const])),
  ['j / k', 'Next, previous row'],
  ['Enter', 'Open the row'],
  ['← ↑ → ↓', 'Move on the fleet map'],
  ['?', 'This list'],
];

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.closest('input, textarea, select, [role="dialog"]') !== null)
  );
}

function moveRow(step: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>('main [data-row-link]')].filter(
    (row) => row.offsetParent !== null,
  );
  const at = rows.indexOf(document.activeElement as HTMLElement);
  const next = at === -1 ? (step === 1 ? 0 : rows.length - 1) : at + step;
  rows[next]?.focus();
}

/** Returns true when the key did something. */
function act(key: string): boolean {
  if (key === '/') openSearch();
  else if (key === '?') openHelp();
  else if (key === 'j') moveRow(1);
  else if (key === 'k') moveRow(-1);
  else return false;
  return true;
}

/** Keys that work everywhere outside text fields, and the list of them. */
export function Shortcuts({ role }: { role: Role }) {
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const waitsForPlace = useRef(0);
  useEffect(() => {
    const goKeys = goKeysOf(role);
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key === 'k') {
        event.preventDefault();
        openSearch();
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const place = goKeys.get(event.key);
      const isWaiting = Date.now() < waitsForPlace.current;
      // A key that leads nowhere ends the wait, so that the next one is taken for itself.
      waitsForPlace.current = 0;
      if (isWaiting && place !== undefined) router.push(place);
      else if (event.key === 'g') waitsForPlace.current = Date.now() + 1000;
      else if (act(event.key)) event.preventDefault();
    };
    const onHelp = () => setOpen(true);
    addEventListener('keydown', onKey);
    addEventListener(helpEvent, onHelp);
    return () => {
      removeEventListener('keydown', onKey);
      removeEventListener(helpEvent, onHelp);
    };
  }, [router, role]);
  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-[#0008]" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed left-1/2 top-[12vh] z-50 w-[min(26rem,calc(100vw-2rem))] -translate-x-1/2 rounded-lg border border-line bg-surface p-4 shadow-xl"
        >
          <Dialog.Title className="mb-2 font-medium">Keys</Dialog.Title>
          <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5">
            {listFor(role).map(([keys, meaning]) => (
              <div key={keys} className="contents">
                <dt className="font-mono text-muted">{keys}</dt>
                <dd>{meaning}</dd>
              </div>
            ))}
          </dl>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
