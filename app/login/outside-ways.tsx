import type { SignInWays } from '../../lib/hub/operations/sign-in-ways.ts';

/** Signing in through a provider, and what keeps a person whom a proxy names out. Nothing where there is neither. */
export function OutsideWays({ ways }: { readonly ways: SignInWays }) {
  const { provider, proxyRefusal } = ways;
  return (
    <>
      {proxyRefusal === null ? null : <Notice testId="proxy-refusal">{proxyRefusal}</Notice>}
      {provider === null ? null : (
        <>
          {provider.trouble === null ? null : <Notice testId="provider-trouble">{provider.trouble}</Notice>}
          {/* Not a Link: it leaves the pages for the provider, and must not be fetched ahead. */}
          <a
            href={provider.href}
            className="inline-flex h-8 items-center justify-self-start rounded-md bg-accent px-3 font-medium text-accent-text"
          >
            Sign in with {provider.name}
          </a>
        </>
      )}
    </>
  );
}

function Notice({ children, testId }: { readonly children: string; readonly testId: string }) {
  return (
    <p role="alert" data-testid={testId} className="rounded-md bg-crit-bg p-2.5 text-crit">
      {children}
    </p>
  );
}
