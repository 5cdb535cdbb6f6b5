import type { Metadata, Viewport } from 'next';
import { cookies, headers } from 'next/headers';
import type { ReactNode } from 'react';
import type { Actor } from '../lib/hub/actor.ts';
import type { AlertTally } from '../lib/model/index.ts';
import './globals.css';
import { ConnectionBar } from './components/connection-bar.client.tsx';
import { NavBar } from './components/nav-bar.client.tsx';
import { PageFactsProvider } from './components/page-facts.client.tsx';
import { PolicyNonce } from './components/policy-nonce.client.tsx';
import { Shortcuts } from './components/shortcuts.client.tsx';
import { currentActor, hub } from './hub.ts';
import { Search } from './search/search.client.tsx';
import { readTheme, themeCookie, themeScript } from './theme.ts';

export const metadata: Metadata = {
  title: { default: 'gpufleet', template: '%s · gpufleet' },
  description: 'Every NVIDIA GPU of a cluster: what it does, and for whom.',
};

export const viewport: Viewport = { width: 'device-width', initialScale: 1 };

/** Null for who may read nothing, such as an agent. */
const tallyOf = (actor: Actor): Promise<AlertTally | null> =>
  hub()
    .getAlertTally(actor)
    .then(
      ({ alerts }) => alerts,
      () => null,
    );

export default async function RootLayout({ children }: { children: ReactNode }) {
  const [jar, sent, actor] = await Promise.all([cookies(), headers(), currentActor()]);
  const theme = readTheme(jar.get(themeCookie)?.value);
  const nonce = /'nonce-([^']+)'/.exec(sent.get('content-security-policy') ?? '')?.[1];
  const tally = actor.kind === 'stranger' ? null : await tallyOf(actor);
  const user =
    actor.kind === 'user'
      ? {
          name: actor.name,
          role: actor.role,
          canSignOut: actor.sessionId !== undefined || hub().hasProxyLogout,
        }
      : null;
  const role = actor.kind === 'user' || actor.kind === 'token' ? actor.role : 'viewer';
  return (
    <html lang="en" suppressHydrationWarning {...(theme === 'system' ? {} : { 'data-theme': theme })}>
      <head>
        <script
          nonce={nonce}
          suppressHydrationWarning
          // biome-ignore lint/security/noDangerouslySetInnerHtml: a constant of ours that must run before the first paint
          dangerouslySetInnerHTML={{ __html: themeScript }}
        />
      </head>
      <body>
        <PolicyNonce nonce={nonce} />
        <a
          href="#main"
          className="sr-only focus:not-sr-only focus:fixed focus:z-50 focus:bg-surface focus:p-2 focus:text-accent"
        >
          Skip to the content
        </a>
        <NavBar theme={theme} user={user} role={actor.kind === 'stranger' ? null : role} alerts={tally} />
        {actor.kind === 'stranger' ? null : (
          <>
            <ConnectionBar />
            <Shortcuts role={role} />
            <Search role={role} canSignOut={user?.canSignOut === true} />
          </>
        )}
        <main id="main" tabIndex={-1} className="mx-auto max-w-[110rem] px-3 pb-16 outline-none sm:px-5">
          <PageFactsProvider facts={{ role, hasOwnAuthority: hub().hasOwnAuthority }}>
            {children}
          </PageFactsProvider>
        </main>
      </body>
    </html>
  );
}
