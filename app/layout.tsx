import type { Metadata, Viewport } from 'next';
import { cookies } from 'next/headers';
import type { ReactNode } from 'react';
import './globals.css';
import { ConnectionBar } from './components/connection-bar.client.tsx';
import { NavBar } from './components/nav-bar.client.tsx';
import { Search } from './components/search.client.tsx';
import { Shortcuts } from './components/shortcuts.client.tsx';
import { currentActor } from './hub.ts';
import { signOut } from './login/sign-out.ts';
import { readTheme, themeCookie, themeScript } from './theme.ts';

export const metadata: Metadata = {
  title: { default: 'gpufleet', template: '%s · gpufleet' },
  description: 'Every NVIDIA GPU of a cluster: what it does, and for whom.',
};

export const viewport: Viewport = { width: 'device-width', initialScale: 1 };

export default async function RootLayout({ children }: { children: ReactNode }) {
  const [jar, actor] = await Promise.all([cookies(), currentActor()]);
  const theme = readTheme(jar.get(themeCookie)?.value);
  const user = actor.kind === 'user' ? { name: actor.name, role: actor.role } : null;
  return (
    <html lang="en" suppressHydrationWarning {...(theme === 'system' ? {} : { 'data-theme': theme })}>
      <head>
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: a constant of ours that must run before the first paint */}
        <script dangerouslySetInnerHTML={{ __html: themeScript }} />
      </head>
      <body>
        <a
          href="#main"
          className="sr-only focus:not-sr-only focus:fixed focus:z-50 focus:bg-surface focus:p-2 focus:text-accent"
        >
          Skip to the content
        </a>
        <NavBar signOut={signOut} theme={theme} user={user} signedIn={actor.kind !== 'stranger'} />
        {actor.kind === 'stranger' ? null : (
          <>
            <ConnectionBar />
            <Shortcuts />
            <Search />
          </>
        )}
        <main id="main" tabIndex={-1} className="mx-auto max-w-[110rem] px-3 pb-16 outline-none sm:px-5">
          {children}
        </main>
      </body>
    </html>
  );
}
