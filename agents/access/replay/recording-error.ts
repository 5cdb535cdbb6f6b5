/** What is no recorded host; the message is one line with the file and what is wrong with it. */
export class RecordingError extends Error {}
