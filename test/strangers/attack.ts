/** An attack by a page of somebody else on a daemon. */
export interface Plan {
  /** The daemon's address as the page sees it. */
  readonly base: string;
  readonly reads: readonly string[];
  /** With the body that would record or change something. */
  readonly writes: readonly (readonly [path: string, body: string])[];
  /** A text that no page but ours may see. */
  readonly secret: string;
}

/** Runs in the page: tries every way in that a page has, and returns those by which it has learned something. */
export async function attack({ base, reads, writes, secret }: Plan): Promise<string[]> {
  const learned: string[] = [];
  const learn = (how: string, path: string, text: string) => {
    if (text.includes(secret)) learned.push(`${how} ${path}`);
  };
  const attempts: Promise<unknown>[] = [];
  const within = (work: Promise<unknown>) =>
    attempts.push(Promise.race([work, new Promise((resolve) => setTimeout(resolve, 3_000))]).catch(() => undefined));
  const asText = async (how: string, path: string, options: RequestInit) => {
    learn(how, path, await (await fetch(base + path, { credentials: 'include', ...options })).text());
  };

  for (const path of reads) {
    within(asText('fetch', path, {}));
    within(asText('fetch without CORS', path, { mode: 'no-cors' }));
    for (const tag of ['img', 'script', 'iframe', 'object', 'embed', 'link', 'video'] as const) {
      const element = document.createElement(tag);
      if (element instanceof HTMLLinkElement) element.rel = 'stylesheet';
      element.setAttribute(tag === 'object' ? 'data' : tag === 'link' ? 'href' : 'src', base + path);
      within(
        new Promise<void>((resolve) => {
          element.onerror = () => resolve();
          element.onload = () => {
            const { contentDocument } = element as HTMLIFrameElement;
            learn(tag, path, contentDocument?.body?.innerText ?? '');
            resolve();
          };
          document.documentElement.append(element);
        }),
      );
    }
    within(
      new Promise<void>((resolve) => {
        const source = new EventSource(base + path, { withCredentials: true });
        source.onopen = () => learn('EventSource', path, secret);
        source.onerror = () => {
          source.close();
          resolve();
        };
      }),
    );
  }
  for (const [path, body] of writes) {
    for (const type of ['application/json', 'text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
      const options = { method: 'POST', headers: { 'content-type': type }, body };
      within(asText(`fetch of ${type}`, path, options));
      within(asText(`fetch of ${type} without CORS`, path, { ...options, mode: 'no-cors' }));
    }
    within(asText('fetch without a type', path, { method: 'POST', body: new Blob([body]), mode: 'no-cors' }));
    navigator.sendBeacon(base + path, body);
    for (const enctype of ['text/plain', 'application/x-www-form-urlencoded']) {
      const form = document.createElement('form');
      const frame = document.createElement('iframe');
      frame.name = `target-${Math.random()}`;
      Object.assign(form, { action: base + path, method: 'POST', enctype, target: frame.name });
      const field = document.createElement('input');
      // The text of the form becomes JSON with a member more.
      field.name = `${body.slice(0, -1)},"x":"`;
      field.value = '"}';
      form.append(field);
      document.documentElement.append(frame, form);
      form.submit();
    }
  }
  within(
    new Promise<void>((resolve) => {
      const socket = new WebSocket(`${base.replace('http', 'ws')}/rpc`);
      socket.onerror = () => resolve();
      socket.onopen = () => {
        for (const [path, body] of writes) if (path === '/rpc') socket.send(body);
        socket.send('{"jsonrpc":"2.0","id":"read","method":"usage.history"}');
      };
      socket.onmessage = ({ data }) => {
        learn('WebSocket', '/rpc', String(data));
        if (String(data).includes('"read"')) resolve();
      };
    }),
  );
  await Promise.all(attempts);
  return [...new Set(learned)];
}
