/** Most characters of one text that is read; a real answer has some 30,000 a GPU. */
export const longestDocument = 64 * 1024 * 1024;
