'use client';
import clsx from 'clsx';
import { ChevronDown, Keyboard, Plus, Search } from 'lucide-react';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { useState } from 'react';
import type { AlertTally } from '../../lib/model/index.ts';
import { useAlertTally } from '../alerts/use-alerts.client.ts';
import { mayDo, places, type Role } from '../places.ts';
import type { Theme } from '../theme.ts';
import { openHelp, openSearch } from './overlays.client.ts';
import { StreamState } from './stream-state.client.tsx';
import { ThemeToggle } from './theme-toggle.client.tsx';
import { type MenuUser, UserMenu } from './user-menu.client.tsx';

interface NavBarProps {
  readonly theme: Theme;
  readonly user: MenuUser | null;
  /** Of whoever looks, a token's holder too; null: a stranger. */
  readonly role: Role | null;
  /** Null where nobody may know. */
  readonly alerts: AlertTally | null;
}

const iconButton =
  'inline-flex size-9 items-center justify-center rounded-md text-muted hover:bg-raised hover:text-text';

const inBar = places.filter((place) => place.inBar);

/** The place whose address is the longest beginning of the path; pages outside the bar are in none of its places. */
function placeAt(path: string): string | null {
  const around = places.filter(({ href }) => path === href || (href !== '/' && path.startsWith(`${href}/`)));
  return around.sort((a, b) => b.href.length - a.href.length)[0]?.href ?? null;
}

const noAlerts: AlertTally = { firing: 0, critical: 0, revision: 0 };

/** How many alerts fire, beside the name of their page; nothing when none does. */
function FiringCount({ initial }: { initial: AlertTally }) {
  const { firing, critical } = useAlertTally(initial);
  if (firing === 0) return null;
  return (
    <span
      data-testid="firing-count"
      className={clsx(
        'ml-1.5 rounded-full border px-1.5 text-xs font-medium',
        critical > 0 ? 'border-crit bg-crit-bg text-crit' : 'border-warn bg-warn-bg text-warn',
      )}
    >
      {firing}
      <span className="sr-only"> firing</span>
    </span>
  );
}

/** On a narrow screen the pages are a list that opens under the bar, whose button says where one is. */
function Places({ alerts }: { alerts: AlertTally | null }) {
  const path = usePathname();
  const here = placeAt(path);
  const { firing } = useAlertTally(alerts ?? noAlerts);
  const [openedAt, setOpenedAt] = useState<string | null>(null);
  // Going to another page closes it.
  const isOpen = openedAt === path;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys and focus of what is in it; it is no control itself
    <div
      className="min-w-0 sm:-mx-1"
      onKeyDown={(event) => {
        if (event.key === 'Escape') setOpenedAt(null);
      }}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setOpenedAt(null);
      }}
    >
      <button
        type="button"
        aria-expanded={isOpen}
        aria-controls="places"
        onClick={() => setOpenedAt(isOpen ? null : path)}
        className="inline-flex h-9 max-w-full items-center gap-1 rounded-md bg-raised px-2 sm:hidden"
      >
        <span className="sr-only">Pages, now at </span>
        <span className="truncate">{inBar.find(({ href }) => href === here)?.label ?? 'Pages'}</span>
        {firing === 0 ? null : (
          <span className="shrink-0 text-xs font-medium text-warn">
            {firing}
            <span className="sr-only"> firing</span>
          </span>
        )}
        <ChevronDown className="size-4 shrink-0 text-muted" aria-hidden />
      </button>
      <nav
        id="places"
        aria-label="Pages"
        className={clsx(
          'flex gap-0.5 max-sm:absolute max-sm:inset-x-0 max-sm:top-full max-sm:flex-col max-sm:border-b max-sm:border-line max-sm:bg-surface max-sm:p-2 max-sm:shadow-lg',
          isOpen ? undefined : 'max-sm:hidden',
        )}
      >
        {inBar.map((place) => (
          <Link
            key={place.href}
            href={place.href}
            prefetch={false}
            aria-current={place.href === here ? 'page' : undefined}
            title={place.key === null ? place.label : `${place.label} (g ${place.key})`}
            className={clsx(
              'whitespace-nowrap rounded-md px-2.5 py-1.5 hover:bg-raised hover:text-text',
              place.href === here ? 'bg-raised font-medium text-text' : 'text-muted',
            )}
          >
            {place.label}
            {place.href === '/alerts' ? <FiringCount initial={alerts ?? noAlerts} /> : null}
          </Link>
        ))}
      </nav>
    </div>
  );
}

function AddHostLink() {
  return (
    <Link
      href="/hosts/add"
      prefetch={false}
      title="Add host"
      className="inline-flex h-9 items-center gap-1.5 rounded-md px-2 text-muted hover:bg-raised hover:text-text"
    >
      <Plus className="size-4" aria-hidden />
      <span className="max-lg:sr-only">Add host</span>
    </Link>
  );
}

function Tools({ theme, user, role }: Omit<NavBarProps, 'alerts'> & { readonly role: Role }) {
  return (
    <div className="ml-auto flex shrink-0 items-center gap-0.5">
      <StreamState />
      <button type="button" className={iconButton} onClick={openSearch} title="Search ( / or Ctrl-K )">
        <Search className="size-4" aria-hidden />
        <span className="sr-only">Search</span>
      </button>
      {mayDo(role, 'admin') ? <AddHostLink /> : null}
      <button
        type="button"
        className={clsx(iconButton, 'max-sm:hidden')}
        onClick={openHelp}
        title="Keys ( ? )"
      >
        <Keyboard className="size-4" aria-hidden />
        <span className="sr-only">Keyboard shortcuts</span>
      </button>
      <ThemeToggle initial={theme} />
      {user === null ? null : <UserMenu user={user} />}
    </div>
  );
}

export function NavBar({ theme, user, role, alerts }: NavBarProps) {
  return (
    <header className="sticky top-0 z-30 border-b border-line bg-surface">
      <div className="mx-auto flex max-w-[110rem] flex-wrap items-center gap-x-4 gap-y-0.5 px-3 py-1.5 max-sm:flex-nowrap max-sm:gap-x-2 sm:px-5">
        <Link href="/" prefetch={false} className="text-[15px] font-semibold tracking-tight">
          gpufleet
        </Link>
        {role === null ? null : <Places alerts={alerts} />}
        {role !== null ? (
          <Tools theme={theme} user={user} role={role} />
        ) : (
          <div className="ml-auto">
            <ThemeToggle initial={theme} />
          </div>
        )}
      </div>
    </header>
  );
}
