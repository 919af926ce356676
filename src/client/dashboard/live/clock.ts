import { signal } from '@preact/signals';

/** The time in milliseconds, to the second, while somebody shows it. */
export const nowMs = signal(Date.now(), {
  watched() {
    nowMs.value = Date.now();
    timer = setInterval(() => {
      nowMs.value = Date.now();
    }, 1_000);
  },
  unwatched() {
    clearInterval(timer);
  },
});

let timer: ReturnType<typeof setInterval> | undefined;
