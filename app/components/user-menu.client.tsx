'use client';
import { CircleUser, LogOut, Settings } from 'lucide-react';
import Link from 'next/link';
import { DropdownMenu } from 'radix-ui';
import { signOut } from '../login/sign-out.client.ts';
import { mayDo, type Role } from '../places.ts';

export interface MenuUser {
  readonly name: string;
  readonly role: Role;
  /** False: a proxy in front says who this is, so there is nothing here to sign out of. */
  readonly canSignOut: boolean;
}

const itemLook =
  'flex h-9 cursor-pointer items-center gap-2 rounded-md px-2.5 outline-none data-[highlighted]:bg-raised';

/** Who is signed in, and what they may look after. */
export function UserMenu({ user }: { user: MenuUser }) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger
        title={`${user.name} (${user.role})`}
        className="inline-flex h-9 items-center gap-1.5 rounded-md px-2 text-muted hover:bg-raised hover:text-text"
      >
        <CircleUser className="size-4 shrink-0" aria-hidden />
        <span className="max-w-32 truncate max-lg:sr-only">{user.name}</span>
        <span className="sr-only">: account and more</span>
      </DropdownMenu.Trigger>
      {/* Not in a portal: what is in no landmark of the page is lost to who jumps from one to the next. */}
      <DropdownMenu.Content
        align="end"
        sideOffset={4}
        collisionPadding={8}
        className="z-40 w-56 rounded-lg border border-line bg-surface p-1.5 shadow-lg"
      >
        <DropdownMenu.Label className="truncate px-2.5 py-1.5 text-muted">
          {user.name} · {user.role}
        </DropdownMenu.Label>
        <DropdownMenu.Item asChild className={itemLook}>
          <Link href="/account" prefetch={false}>
            <CircleUser className="size-4 text-muted" aria-hidden />
            Account
          </Link>
        </DropdownMenu.Item>
        {mayDo(user.role, 'admin') ? (
          <DropdownMenu.Item asChild className={itemLook}>
            <Link href="/settings" prefetch={false}>
              <Settings className="size-4 text-muted" aria-hidden />
              Settings
            </Link>
          </DropdownMenu.Item>
        ) : null}
        {user.canSignOut ? (
          <DropdownMenu.Item className={itemLook} onSelect={signOut}>
            <LogOut className="size-4 text-muted" aria-hidden />
            Sign out
          </DropdownMenu.Item>
        ) : null}
      </DropdownMenu.Content>
    </DropdownMenu.Root>
  );
}
