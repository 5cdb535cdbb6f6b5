import { hub } from '../../../hub.ts';

/** Every path of the REST table goes to the hub, which knows who may ask for what. */
const answer = (request: Request): Promise<Response> => hub().answer(request);

export { answer as DELETE, answer as GET, answer as POST, answer as PUT };
