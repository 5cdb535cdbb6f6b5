/** In the place of an address: the readings come from this process. */
export const overSsh = 'SSH';
