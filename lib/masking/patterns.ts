/** What stands for each distinct value of one kind. */
export type Numbered = (value: string) => string;

export function createNumbered(name: (count: number) => string): Numbered {
  const known = new Map<string, string>();
  return (value) => {
    const before = known.get(value);
    if (before !== undefined) return before;
    const masked = name(known.size + 1);
    known.set(value, masked);
    return masked;
  };
}

export const masked = 'masked';

const uuid = /[0-9a-f]{8}([-_])[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}/gi;
const bareUuid = /(?:(?<![0-9a-f])|(?<=pod))[0-9a-f]{32}(?![0-9a-f])/gi;

/** Uuids of GPUs, MIG devices and pods, however they are joined; the same one is masked alike in each form. */
export function maskUuids(text: string, numbered: Numbered): string {
  const replace = (found: string, joint: string): string => {
    const plain = found.replaceAll(/[-_]/g, '').toLowerCase();
    const digits = numbered(plain);
    const parts = [
      digits.slice(0, 8),
      digits.slice(8, 12),
      digits.slice(12, 16),
      digits.slice(16, 20),
      digits.slice(20),
    ];
    return parts.join(joint);
  };
  return text
    .replace(uuid, (found, joint: string) => replace(found, joint))
    .replace(bareUuid, (found) => (/^0{8}00004000/.test(found) ? found : replace(found, '')));
}

export const uuidDigits = (count: number): string =>
  `000000000000${'4000'}${'8000'}${String(count).padStart(12, '0')}`;

const ipv4 = /(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])/g;
const ipv6 = /(?<![\w:.])(?:[0-9a-f]{1,4}:){1,7}(?::?[0-9a-f]{1,4}){0,7}(?::)?(?:%\w+)?(?![\w:])/gi;
const mac = /(?<![0-9a-f:])(?:[0-9a-f]{2}:){5}[0-9a-f]{2}(?![0-9a-f:])/gi;
const email = /(?<![\w.+-])[\w.+-]{1,128}@[\w-]{1,64}(?:\.[\w-]{1,64})+/g;
/** `org.gnome.Shell@x11.service` is nobody's address. */
const unit = /\.(?:service|slice|scope|socket|timer|mount|target|device)$/;

/** One's own, everyone's, and what only looks like one: `0::/system.slice` of a cgroup, a PCI address, a time. */
function isIpv6(text: string): boolean {
  const groups = text.split('%')[0]?.split(':') ?? [];
  const first = groups[0] ?? '';
  return first.length >= 3 && (text.includes('::') || groups.length === 8);
}

export function maskAddresses(
  text: string,
  numbered: { readonly ipv4: Numbered; readonly ipv6: Numbered; readonly mac: Numbered },
): string {
  return text
    .replace(email, (found) => (unit.test(found) ? found : 'person@masked.invalid'))
    .replace(mac, numbered.mac)
    .replace(ipv6, (found) => (isIpv6(found) ? numbered.ipv6(found.toLowerCase()) : found))
    .replace(ipv4, (found) =>
      /^(?:127\.|0\.0\.0\.0$|255\.)/.test(found) || found.split('.').some((part) => Number(part) > 255)
        ? found
        : numbered.ipv4(found),
    );
}

const url = /\b([a-z][a-z0-9+.-]{1,20}):\/\/(?:[^\s"'<>@/]{1,300}@)?([^\s"'<>:/?#]{1,255})([^\s"'<>]*)/gi;
/** Where software comes from is no secret; who a person talks to may be. */
const publicHosts =
  /(?:^|\.)(?:nvidia\.com|nvcr\.io|docker\.io|docker\.com|github\.com|ghcr\.io|quay\.io|gcr\.io|k8s\.io|debian\.org|ubuntu\.com|kernel\.org|redhat\.com|fedoraproject\.org|suse\.com|pytorch\.org|localhost)$/i;

/** Addresses lose their user, their host where it is not a public one, and their query. */
export const maskUrls = (text: string, hostNumbered: Numbered): string =>
  text.replace(url, (_, scheme: string, host: string, rest: string) => {
    const shown = publicHosts.test(host) ? host : hostNumbered(host.toLowerCase());
    return `${scheme}://${shown}${rest.split(/[?#]/, 1)[0] ?? ''}`;
  });

/** `registry.corp.example:5000/team/app:1`: the registry of an image that is not a public one. */
export function maskRegistry(image: string, hostNumbered: Numbered): string {
  const [first = '', ...rest] = image.split('/');
  const isRegistry = rest.length > 0 && /[.:]|^localhost$/.test(first);
  return isRegistry && !publicHosts.test(first.split(':', 1)[0] ?? '')
    ? [hostNumbered(first.toLowerCase()), ...rest].join('/')
    : image;
}

const secretWord =
  'pass(?:word|wd|phrase)?|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?|authorization|cookie|session[_-]?id';
const assignment = new RegExp(
  `((?<![\\w.-])[\\w.-]{0,200}(?:${secretWord})[\\w.-]{0,64}["']?\\s{0,4}[=:]\\s{0,4})("[^"\\n]*"|'[^'\\n]*'|(?:bearer |basic )?[^\\s,;<"']+)`,
  'gi',
);
const option = new RegExp(
  `((?<![\\w-])--?[\\w-]{0,200}(?:${secretWord})[\\w-]{0,64}\\s+)([^\\s<"'-][^\\s<"']*)`,
  'gi',
);
const shapes = [
  /\b(?:bearer|basic)\s+[\w~+/.=-]{8,}/gi,
  /\bgf[a-z]_[\w-]{16,}/g,
  /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g,
  /\bgh[pousr]_\w{20,}/g,
  /\b(?:sk|hf|nvapi|glpat|xox[abp])[-_][\w-]{12,}/g,
  /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g,
  /-----BEGIN [A-Z ]{3,40}-----[^-]*-----END [A-Z ]{3,40}-----/g,
];

/** Values that are given as a password, token or key, and texts that have the shape of one. */
export function maskSecrets(text: string): string {
  let told = text.replace(assignment, `$1${masked}`).replace(option, `$1${masked}`);
  for (const shape of shapes) told = told.replace(shape, masked);
  return told;
}
