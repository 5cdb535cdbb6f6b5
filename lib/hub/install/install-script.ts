export interface InstallFacts {
  readonly agentSha256: string;
  /** Name below /agent/ of the hub's own Node, gzip-compressed. */
  readonly nodeName: string;
  /** `x64` or `arm64`, as Node calls it. */
  readonly nodeArch: string;
  /** Of the Node after unpacking. */
  readonly nodeSha256: string;
  /** Executables for hosts of another kind, `ARCH:SHA256` of each after unpacking, parted by blanks. */
  readonly executables: string;
  /** Ed25519, 32 bytes in base64. */
  readonly upgradeKey: string;
  readonly unitSha256: string;
  readonly proxyUnitSha256: string;
  readonly superviseSha256: string;
  readonly uninstallSha256: string;
}

/** The names as the script has them: NODE_NAME for nodeName. */
const placeholder = (name: string): string =>
  `@${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}@`;

/**
 * The script behind GET /install.sh, from agents/packaging/install.sh. `main` is called on its last line, so that a
 * script that was cut short does nothing. It comes over a connection that the command pins, and checks the sums of
 * what it fetches; the agent then trusts only the authority with the fingerprint.
 */
export function installScript(template: string, facts: InstallFacts): string {
  let script = template;
  for (const [name, value] of Object.entries(facts)) {
    // It goes between single quotes of a shell.
    if (!/^[\w .:+/=-]*$/.test(value)) throw new Error(`${name}: "${value}" cannot stand in a script`);
    script = script.replaceAll(placeholder(name), value);
  }
  return script;
}
