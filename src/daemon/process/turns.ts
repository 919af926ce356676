/** A long work, such as an edit of 100,000 sessions, that stops where others may have their turn. */
export type Pieces<T> = Generator<undefined, T>;

/** Does all of it without a stop. */
export function atOnce<T>(pieces: Pieces<T>): T {
  for (;;) {
    const { done, value } = pieces.next();
    if (done) return value;
  }
}

/** Lets everything else of the process have its turn between the pieces. */
export async function inTurns<T>(pieces: Pieces<T>): Promise<T> {
  for (;;) {
    const { done, value } = pieces.next();
    if (done) return value;
    await othersTurn();
  }
}

/** Lets everything else of the process have its turn. */
export function othersTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
