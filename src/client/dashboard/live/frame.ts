/** A hidden page is drawn by nobody, but its title is read. */
const HIDDEN_MS = 1_000;

/** A way to ask for `work` any number of times: it runs once, before the next picture of the page. */
export function oncePerFrame(work: () => void): () => void {
  let frame: number | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const run = () => {
    cancelAnimationFrame(frame!);
    clearTimeout(timer);
    frame = undefined;
    work();
  };
  return () => {
    if (frame !== undefined) return;
    frame = requestAnimationFrame(run);
    timer = setTimeout(run, HIDDEN_MS);
  };
}
