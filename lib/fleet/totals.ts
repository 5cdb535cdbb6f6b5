/** The pages count live with the same function, so it stands where both may import it. */
export { totalsOf } from '../model/index.ts';
