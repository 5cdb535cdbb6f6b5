import type { HubContext } from '../context.ts';
import { HubError } from '../errors.ts';
import { ownPath } from '../own-path.ts';
import { type ReadHeader, readProxied } from '../requester.ts';
import { admitProxied } from './identify-proxied.ts';

/** What the login page offers besides the hub's own ways. */
export interface SignInWays {
  readonly provider: {
    readonly name: string;
    /** Where its button leads. */
    readonly href: string;
    /** Why it cannot be used just now; null: it can, as far as the hub knows. */
    readonly trouble: string | null;
  } | null;
  /** Why the person whom the proxy names may not come in; null: it names nobody. */
  readonly proxyRefusal: string | null;
}

async function proxyRefusal(context: HubContext, header: ReadHeader): Promise<string | null> {
  const proxied = readProxied(header);
  if (proxied === null) return null;
  try {
    await admitProxied(context, proxied);
    return null;
  } catch (error) {
    if (error instanceof HubError && error.code === 'forbidden') return error.message;
    throw error;
  }
}

/** Open to everyone, as the login page is. `from` is where to go afterwards. */
export async function signInWays(
  context: HubContext,
  header: ReadHeader,
  from: string | null,
): Promise<SignInWays> {
  const { oidc, config } = context;
  const path = ownPath(from);
  const query = path === '/' ? '' : `?${new URLSearchParams({ from: path })}`;
  // Under the public address, since the provider sends the browser back there, to the cookie that it got there.
  const origin = config.publicUrl === null ? '' : new URL(config.publicUrl).origin;
  return {
    provider:
      oidc === null
        ? null
        : {
            name: oidc.config.name,
            href: `${origin}/login/oidc${query}`,
            trouble: oidc.provider.trouble,
          },
    proxyRefusal: await proxyRefusal(context, header),
  };
}
