/** PRETTY_NAME of /etc/os-release, without its quotes; null when it is not there. */
export function parseOsRelease(text: string): string | null {
  const told = /^PRETTY_NAME=([^\n]{1,256})$/m.exec(text.slice(0, 16_384).replaceAll('\r', ''))?.[1]?.trim();
  if (told === undefined || told === '') return null;
  const quoted = /^"(.*)"$/.exec(told)?.[1] ?? /^'(.*)'$/.exec(told)?.[1] ?? told;
  const name = quoted.replaceAll(/\\([\\"$`])/g, '$1').trim();
  return name === '' ? null : name;
}
