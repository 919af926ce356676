import { options, type VNode } from 'preact';

/**
 * Keeps the page live while a browser translates it. A translator puts an element of its own in the place of each text, and
 * what we write into that text later would be shown nowhere: here the text comes back as soon as it changes.
 */
export function liveUnderTranslation(root: Node): void {
  const standIns = new Map<Node, Element>();
  const giveWay = (text: Node, isShown: boolean) => {
    const standIn = standIns.get(text);
    standIns.delete(text);
    if (isShown && standIn?.isConnected) standIn.replaceWith(text);
    else standIn?.remove();
  };
  const observer = new MutationObserver((records) => {
    for (const record of records) {
      if (record.type === 'characterData') {
        giveWay(record.target, true);
        continue;
      }
      for (const node of record.addedNodes) if (node.isConnected && standIns.has(node)) giveWay(node, false);
      for (const node of record.removedNodes) {
        const standIn = node.nodeType === Node.TEXT_NODE ? standInBeside(record) : undefined;
        if (!standIn) continue;
        // One that was wrapped and not replaced is no place for the page to insert anything before.
        if (standIn.contains(node)) node.parentNode?.replaceChild(node.cloneNode(), node);
        standIns.set(node, standIn);
        observer.observe(node, { characterData: true });
      }
    }
  });
  observer.observe(root, { childList: true, subtree: true });
  const before = options.unmount;
  options.unmount = (vnode) => {
    const dom = domOf(vnode);
    if (dom && standIns.has(dom)) giveWay(dom, false);
    before?.(vnode);
  };
}

/** The elements that translators insert; the page itself has none. */
function standInBeside({ addedNodes, previousSibling, nextSibling }: MutationRecord): Element | undefined {
  const isStandIn = (node: Node | null): node is Element => node?.nodeName === 'FONT';
  return [...addedNodes, previousSibling, nextSibling].find(isStandIn);
}

/** The node of a text or an element; the name is the one that Preact's builds keep for add-ons. */
function domOf(vnode: VNode): Node | null | undefined {
  return (vnode as VNode & { readonly __e?: Node | null }).__e;
}
