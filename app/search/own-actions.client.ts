'use client';
import { openHelp } from '../components/overlays.client.ts';
import { chooseTheme } from '../components/theme-toggle.client.tsx';
import { signOut } from '../login/sign-out.client.ts';
import { mayDo, type Role } from '../places.ts';
import { themes } from '../theme.ts';
import type { SearchAction } from './actions.ts';
import { offeredActions } from './registry.client.ts';

/** Without a clipboard (plain HTTP on another host) the old command still copies what is selected. */
async function copyText(text: string): Promise<boolean> {
  if (navigator.clipboard !== undefined)
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
  const field = document.createElement('textarea');
  field.value = text;
  document.body.append(field);
  field.select();
  const done = document.execCommand('copy');
  field.remove();
  return done;
}

async function copyLink(): Promise<string> {
  return (await copyText(location.href)) ? 'The link is copied.' : `Copy it yourself: ${location.href}`;
}

const themeActions: readonly SearchAction[] = themes.map((theme) => ({
  id: `theme ${theme}`,
  label: `Theme: ${theme}`,
  detail: theme === 'system' ? 'light or dark as the system says' : `${theme} colours`,
  role: 'viewer',
  run: () => {
    chooseTheme(theme);
    return undefined;
  },
}));

/** What can be done from every page, and what the page that is open offers, for that role. */
export function actionsFor(role: Role, canSignOut: boolean): readonly SearchAction[] {
  const own: readonly SearchAction[] = [
    {
      id: 'link',
      label: 'Copy link',
      detail: 'address of what is shown, with its filters',
      role: 'viewer',
      run: copyLink,
    },
    ...themeActions,
    {
      id: 'keys',
      label: 'Keyboard shortcuts',
      detail: 'every key',
      role: 'viewer',
      run: () => {
        // The box that is closing takes the focus back first.
        setTimeout(openHelp, 0);
        return undefined;
      },
    },
  ];
  const leave: readonly SearchAction[] = !canSignOut
    ? []
    : [
        {
          id: 'sign-out',
          label: 'Sign out',
          detail: 'ends this session',
          role: 'viewer',
          run: () => {
            signOut();
            return undefined;
          },
        },
      ];
  return [...offeredActions(), ...own, ...leave].filter((action) => mayDo(role, action.role));
}
