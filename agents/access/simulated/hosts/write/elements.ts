/** An element as data: leaf text or children; null is left out. */
export type Node = readonly [name: string, content: string | readonly (Node | null)[]];

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Lines with a tab a level, as nvidia-smi prints them. */
export function linesOf([name, content]: Node, indent: string): string[] {
  if (typeof content === 'string') {
    if (name === 'mig_devices') return [`${indent}<${name}>`, `${indent}\t${content}`, `${indent}</${name}>`];
    return [`${indent}<${name}>${escaped(content)}</${name}>`];
  }
  const children = content.filter((child) => child !== null);
  return [
    `${indent}<${name}>`,
    ...children.flatMap((child) => linesOf(child, `${indent}\t`)),
    `${indent}</${name}>`,
  ];
}

/** Leaves that share a text. */
export const same = (text: string, names: readonly string[]): Node[] => names.map((name) => [name, text]);
