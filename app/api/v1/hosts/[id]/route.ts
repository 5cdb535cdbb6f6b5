import { hub } from '../../../../hub.ts';

export const GET = (request: Request): Promise<Response> => hub().answer(request);
export const DELETE = (request: Request): Promise<Response> => hub().answer(request);
