/** What a host says, on one line and without control characters, which would be a terminal's to follow. */
export function plainLine(text: string, mostCharacters = 1000): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly those
  const plain = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim();
  return plain.length > mostCharacters ? `${plain.slice(0, mostCharacters)}…` : plain;
}
