import { instantBeside } from './readout.ts';
import type { UsageModel } from './usage-model.ts';

/** The action of a key, if it has one; it returns where the cursor is afterwards. */
export function keyAction(event: KeyboardEvent, model: UsageModel, cursorMs: number | undefined) {
  const { key, shiftKey, ctrlKey, metaKey, altKey } = event;
  if (ctrlKey || metaKey || altKey) return undefined;
  const data = model.data.value;
  const here = cursorMs ?? model.nowMs.value;
  const walk = (steps: number) => () => instantBeside(data, here, steps, model.window.value);
  const stay = (act: () => void) => () => {
    act();
    return cursorMs;
  };
  const page = Math.max(1, Math.round(data[0].length / 10));
  const actions: Readonly<Record<string, () => number | undefined>> = {
    ArrowLeft: shiftKey ? stay(() => model.panBy(-0.25)) : walk(-1),
    ArrowRight: shiftKey ? stay(() => model.panBy(0.25)) : walk(1),
    ArrowDown: walk(-1),
    ArrowUp: walk(1),
    PageDown: walk(-page),
    PageUp: walk(page),
    Home: walk(Number.NEGATIVE_INFINITY),
    End: walk(Number.POSITIVE_INFINITY),
    '+': stay(() => model.zoomBy(1.5, cursorMs)),
    '=': stay(() => model.zoomBy(1.5, cursorMs)),
    '-': stay(() => model.zoomBy(1 / 1.5, cursorMs)),
    '0': stay(() => model.showWindow(undefined)),
    Escape: () => undefined,
  };
  return actions[key];
}
