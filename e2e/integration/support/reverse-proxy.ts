import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './played-agent.ts';
import { mustRun, type RunningProgram, startProgram } from './programs.ts';
import { send } from './pusher.ts';
import { type Cleanup, eventually, freePort, temporaryFolder } from './temporary.ts';

export const proxies = ['nginx', 'caddy'] as const;
export type ProxyName = (typeof proxies)[number];

interface Place {
  readonly folder: string;
  readonly port: number;
  readonly plainPort: number;
  readonly hubPort: number;
  readonly cert: string;
  readonly key: string;
}

const example = (name: string): string => readFileSync(join(root, 'deploy/proxy', name), 'utf8');

/** What must be in the example, so that a test of it does not test something else. */
function replaced(text: string, changes: readonly (readonly [what: string, by: string])[]): string {
  return changes.reduce((changed, [what, by]) => {
    if (!changed.includes(what)) throw new Error(`the example has no ${what}`);
    return changed.replaceAll(what, by);
  }, text);
}

/** The shipped example with nothing changed but names, ports and the certificate. */
function startNginx(cleanup: Cleanup, at: Place): RunningProgram {
  const site = replaced(example('nginx.conf'), [
    ['127.0.0.1:3000', `127.0.0.1:${at.hubPort}`],
    ['    listen [::]:80;\n', ''],
    ['    listen [::]:443 ssl http2;\n', ''],
    ['listen 80;', `listen 127.0.0.1:${at.plainPort};`],
    ['listen 443 ssl', `listen 127.0.0.1:${at.port} ssl`],
    ['/etc/ssl/gpufleet/fullchain.pem', at.cert],
    ['/etc/ssl/gpufleet/privkey.pem', at.key],
    ['gpufleet.example.org;', '127.0.0.1;'],
  ]);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${join(at.folder, kind)};`)
    .join(' ');
  const main = `daemon off; master_process off; pid ${join(at.folder, 'pid')}; error_log stderr;
events {}
http { access_log off; ${temporary}\n${site}\n}`;
  const file = join(at.folder, 'nginx.conf');
  writeFileSync(file, main);
  return startProgram(cleanup, ['/usr/sbin/nginx', '-e', 'stderr', '-c', file, '-p', at.folder]);
}

function startCaddy(cleanup: Cleanup, at: Place): RunningProgram {
  const site = replaced(example('Caddyfile'), [
    ['gpufleet.example.org {', `https://127.0.0.1:${at.port} {`],
    ['# tls /etc/ssl/gpufleet/fullchain.pem /etc/ssl/gpufleet/privkey.pem', `tls ${at.cert} ${at.key}`],
    ['127.0.0.1:3000', `127.0.0.1:${at.hubPort}`],
  ]);
  const file = join(at.folder, 'Caddyfile');
  writeFileSync(file, `{\n\tadmin off\n\tauto_https disable_redirects\n}\n${site}`);
  const home = { HOME: at.folder, XDG_DATA_HOME: at.folder, XDG_CONFIG_HOME: at.folder };
  return startProgram(cleanup, ['/usr/bin/caddy', 'run', '--adapter', 'caddyfile', '--config', file], {
    env: home,
  });
}

const starts = { nginx: startNginx, caddy: startCaddy } as const;

/** The real proxy with the example that we ship, in front of a hub on this port; gives its address. */
export async function startProxy(cleanup: Cleanup, name: ProxyName, hubPort: number): Promise<string> {
  const folder = temporaryFolder(cleanup, name);
  mkdirSync(join(folder, 'tls'));
  const cert = join(folder, 'tls', 'cert.pem');
  const key = join(folder, 'tls', 'key.pem');
  await mustRun([
    ...(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'] as const),
    ...['-nodes', '-days', '2', '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'],
    ...['-keyout', key, '-out', cert],
  ]);
  const place = { folder, cert, key, hubPort, port: await freePort(), plainPort: await freePort() };
  const program = starts[name](cleanup, place);
  const url = `https://127.0.0.1:${place.port}`;
  const isUp = async () => (await send(`${url}/healthz`, { method: 'GET' })).status === 200;
  await eventually(isUp, { seconds: 20, what: `${name} to pass on\n${program.output()}` });
  return url;
}
