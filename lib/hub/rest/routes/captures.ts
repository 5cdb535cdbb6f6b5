import { captureSchema } from '../../openapi/trouble-schemas.ts';
import { askCapture, getCapture } from '../../operations/captures.ts';
import { noParameters } from '../parameters.ts';
import type { RestRoute } from '../route.ts';

const path = '/api/v1/hosts/{id}/capture';
const answer = { name: 'Capture', schema: captureSchema };

export const captureRoutes: readonly RestRoute[] = [
  {
    method: 'GET',
    path,
    role: 'operator',
    summary: 'The masked capture of a host that was asked for last; fetch the archive at its `path`',
    parameters: noParameters,
    body: null,
    answer,
    run: ({ actor, context, id }) => getCapture(actor, context, id),
  },
  {
    method: 'POST',
    path,
    role: 'operator',
    summary: "Asks a host's agent for a masked capture of its GPU stack, for a bug report",
    parameters: noParameters,
    body: null,
    answer,
    run: ({ actor, context, id }) => askCapture(actor, context, id),
  },
];
