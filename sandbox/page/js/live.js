// The live feed: everything new in the sandbox, and whether we are still connected.

/** Listens until the page closes. `onEvent({kind, id, message})`; `onState(isOpen)`, after each opening all windows must catch up. */
export function listen(onEvent, onState) {
  const source = new EventSource("/sandbox/live");
  source.addEventListener("open", () => onState(true));
  source.addEventListener("error", () => {
    onState(false);
    // The browser itself tries again unless it was told that the address is wrong.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => listen(onEvent, onState), 2000);
  });
  source.addEventListener("message", (message) => onEvent(JSON.parse(message.data)));
}
