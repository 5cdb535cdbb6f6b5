const longestText = 4000;

/** A parameter of the address as one text, cut; empty where it is not there or there twice. */
export const oneText = (value: string | string[] | undefined): string =>
  typeof value === 'string' ? value.trim().slice(0, longestText) : '';
