/** What an agent did or saw by itself, such as starting its stream again. */
export interface CollectionNote {
  /** Host clock, ISO 8601. */
  readonly at: string;
  readonly text: string;
}
