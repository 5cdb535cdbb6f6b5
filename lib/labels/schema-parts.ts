import { z } from 'zod';

/** By a check that gives the end of a sentence. */
export const checked = (fault: (text: string) => string | null) =>
  z.string('must be plain text').superRefine((text, context) => {
    const message = fault(text);
    if (message !== null) context.addIssue({ code: 'custom', message });
  });

/** `key:` with nothing behind it reads as an empty text. */
export const orNothing = <T extends z.ZodType>(map: T) =>
  z.preprocess((value) => (value === '' || value === null ? {} : value), map);
