// The container's health check: ends with 0 when the hub of this container answers on /healthz, by TLS or without.
import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';

const port = process.env['GPUFLEET_PORT'] ?? '3000';

/** Only asks whether it is up, on this machine, so whom the certificate names does not matter. */
const answers = (request) =>
  new Promise((resolve) => {
    const asked = request(
      { host: '127.0.0.1', port, path: '/healthz', timeout: 2000, rejectUnauthorized: false },
      (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      },
    );
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(false));
    asked.end();
  });

process.exit((await answers(requestPlain)) || (await answers(requestTls)) ? 0 : 1);
