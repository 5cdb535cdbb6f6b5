/** Most characters of one text that is read; a real answer has some 30,000 a GPU. */
export const longestDocument = 64 * 1024 * 1024;
/** Characters of a line; a row of every query field there is has some 4,000. */
export const longestLine = 65_536;
/** Rows of a scrolling form or a long log that are kept. */
export const mostSamples = 10_000;
/** GPUs of one document; a log of samples has many rows of the same few. */
export const mostGpus = 1024;
/** Rows of a query that are kept. */
export const mostRows = 4096;
