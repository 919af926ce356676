import type { ComponentChildren, Ref } from 'preact';

interface ScrollRegionProps {
  readonly label: string;
  readonly class?: string;
  readonly testId?: string;
  readonly isBusy?: boolean;
  readonly scroller?: Ref<HTMLElement>;
  readonly children: ComponentChildren;
}

/** A part of the page that scrolls by itself, by the keyboard too. */
export function ScrollRegion({ label, class: name = '', testId, isBusy, scroller, children }: ScrollRegionProps) {
  return (
    <section
      class={`history-scroll ${name}`}
      aria-label={label}
      aria-busy={isBusy}
      data-testid={testId}
      {...(scroller && { ref: scroller })}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard
      tabIndex={0}
    >
      {children}
    </section>
  );
}
