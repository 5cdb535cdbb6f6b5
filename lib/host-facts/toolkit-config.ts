import type { Problem } from '../model/index.ts';

/** What /etc/nvidia-container-runtime/config.toml sets; null is "not set", which leaves the toolkit's default. */
export interface ToolkitConfig {
  /** `auto`, `cdi`, `csv`, `jit-cdi` or `legacy`. */
  readonly mode: string | null;
  /** True: NVIDIA_REQUIRE_* of images is not checked. */
  readonly disableRequire: boolean | null;
  /** True: the hook sets no device cgroup, which rootful Docker then denies ("Failed to initialize NVML: Unknown Error"). */
  readonly noCgroups: boolean | null;
  readonly acceptEnvvarUnprivileged: boolean | null;
  /** Every key that is set, with its section: `nvidia-container-runtime.mode`. At most 500. */
  readonly settings: Readonly<Record<string, string>>;
  readonly problems: readonly Problem[];
}

const longestText = 256 * 1024;
const mostSettings = 500;
const section = /^\[([\w."-]{1,200})\]$/;
const setting = /^([\w.-]{1,120})\s*=\s*(\S.*)$/;

/** Reads the toolkit's TOML: sections and single-line values, which is all that it has. Never throws. */
export function parseToolkitConfig(text: string): ToolkitConfig {
  const settings = new Map<string, string>();
  const problems: Problem[] = [];
  let prefix = '';
  let insideList = false;
  for (const [at, raw] of text.slice(0, longestText).split('\n').entries()) {
    const line = withoutComment(raw.slice(0, 8192)).trim();
    if (insideList) insideList = !line.endsWith(']');
    else if (line !== '') {
      const named = section.exec(line)?.[1];
      const set = setting.exec(line);
      if (named !== undefined) prefix = `${named.replaceAll('"', '')}.`;
      else if (set === null) {
        if (problems.length < 20) problems.push(unread(at + 1, line));
      } else {
        const [, key = '', value = ''] = set;
        insideList = value.startsWith('[') && !value.endsWith(']');
        if (settings.size < mostSettings) settings.set(`${prefix}${key}`, unquoted(value));
      }
    }
  }
  const flag = (key: string): boolean | null => {
    const value = settings.get(key);
    return value === 'true' ? true : value === 'false' ? false : null;
  };
  return {
    mode: settings.get('nvidia-container-runtime.mode') ?? null,
    disableRequire: flag('disable-require'),
    noCgroups: flag('nvidia-container-cli.no-cgroups'),
    acceptEnvvarUnprivileged: flag('accept-nvidia-visible-devices-envvar-when-unprivileged'),
    settings: Object.fromEntries(settings),
    problems,
  };
}

/** A mark inside quotes begins no comment. */
function withoutComment(line: string): string {
  let quote = '';
  for (let at = 0; at < line.length; at += 1) {
    const character = line[at] ?? '';
    if (quote === '' && character === '#') return line.slice(0, at);
    if (quote === '' && (character === '"' || character === "'")) quote = character;
    else if (character === quote) quote = '';
  }
  return line;
}

const unquoted = (value: string): string =>
  /^"(.*)"$/.exec(value)?.[1] ?? /^'(.*)'$/.exec(value)?.[1] ?? value;

const unread = (line: number, text: string): Problem => ({
  field: `config.toml:line ${line}`,
  text: text.slice(0, 200),
  message: 'is not read',
});
