'use client';
import clsx from 'clsx';
import { Keyboard, LogOut, Plus, Search } from 'lucide-react';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import type { Theme } from '../theme.ts';
import { openHelp, openSearch } from './overlays.client.ts';
import { StreamState } from './stream-state.client.tsx';
import { ThemeToggle } from './theme-toggle.client.tsx';

export const places = [
  { href: '/', label: 'Fleet', keys: 'g f' },
  { href: '/hosts', label: 'Hosts', keys: 'g h' },
  { href: '/gpus', label: 'GPUs', keys: 'g g' },
  { href: '/containers', label: 'Containers', keys: 'g c' },
] as const;

interface NavBarProps {
  readonly signOut: () => Promise<void>;
  readonly theme: Theme;
  readonly user: { readonly name: string; readonly role: string } | null;
  readonly signedIn: boolean;
}

const iconButton =
  'inline-flex size-9 items-center justify-center rounded-md text-muted hover:bg-raised hover:text-text';

function Places() {
  const path = usePathname();
  const isHere = (href: string) =>
    href === '/' ? path === '/' : path === href || path.startsWith(`${href}/`);
  return (
    <nav aria-label="Pages" className="-mx-1 flex min-w-0 gap-0.5 max-sm:order-last max-sm:w-full">
      {places.map((place) => (
        <Link
          key={place.href}
          href={place.href}
          prefetch={false}
          aria-current={isHere(place.href) ? 'page' : undefined}
          title={`${place.label} (${place.keys})`}
          className={clsx(
            'rounded-md px-2.5 py-1.5 hover:bg-raised hover:text-text',
            isHere(place.href) && path !== '/hosts/add' ? 'bg-raised font-medium text-text' : 'text-muted',
          )}
        >
          {place.label}
        </Link>
      ))}
    </nav>
  );
}

function Tools({ theme, user, signOut }: Omit<NavBarProps, 'signedIn'>) {
  return (
    <div className="ml-auto flex items-center gap-0.5">
      <StreamState />
      <button type="button" className={iconButton} onClick={openSearch} title="Search ( / or Ctrl-K )">
        <Search className="size-4" aria-hidden />
        <span className="sr-only">Search</span>
      </button>
      <Link
        href="/hosts/add"
        prefetch={false}
        title="Add host"
        className="inline-flex h-9 items-center gap-1.5 rounded-md px-2 text-muted hover:bg-raised hover:text-text"
      >
        <Plus className="size-4" aria-hidden />
        <span className="max-lg:sr-only">Add host</span>
      </Link>
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
      {user === null ? null : (
        <form action={signOut}>
          <button type="submit" className={iconButton} title={`Sign out ${user.name} (${user.role})`}>
            <LogOut className="size-4" aria-hidden />
            <span className="sr-only">Sign out</span>
          </button>
        </form>
      )}
    </div>
  );
}

export function NavBar({ theme, user, signedIn, signOut }: NavBarProps) {
  return (
    <header className="sticky top-0 z-30 border-b border-line bg-surface">
      <div className="mx-auto flex max-w-[110rem] flex-wrap items-center gap-x-4 gap-y-0.5 px-3 py-1.5 sm:px-5">
        <Link href="/" prefetch={false} className="text-[15px] font-semibold tracking-tight">
          gpufleet
        </Link>
        {signedIn ? <Places /> : null}
        {signedIn ? (
          <Tools theme={theme} user={user} signOut={signOut} />
        ) : (
          <div className="ml-auto">
            <ThemeToggle initial={theme} />
          </div>
        )}
      </div>
    </header>
  );
}
