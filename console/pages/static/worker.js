"use strict";
// One stream for all tabs of a browser: the server is asked for whatever any of them watches.
// A page without SharedWorker loads this file itself and has a stream of its own.

const SHRINK_AFTER_MS = 5000;

/** Keeps a stream open. `tell(name, data)` gets each event, and `open` before the first of each connection. */
function stream(who, tell) {
  let source = null, wanted = new Set(), open = "", tries = 0, timer = 0, gone = false;

  function connect() {
    clearTimeout(timer);
    source?.close();
    source = null;
    open = [...wanted].sort().join(",");
    tell("open");
    if (!open) return;
    source = new EventSource(`/live?who=${encodeURIComponent(who)}&watch=${encodeURIComponent(open)}`);
    for (const name of ["board", "beat", "gone"]) {
      source.addEventListener(name, (event) => {
        tries = 0;
        gone = name === "gone";
        const data = JSON.parse(event.data);
        // A beat is told as how far the server is ahead: a tab may hear of it later.
        tell(name, name === "beat" ? data - Date.now() : data);
      });
    }
    source.onerror = again;
  }

  /** Soon at first, so that a restart is hardly seen; never all browsers at once. */
  function again() {
    source?.close();
    source = null;
    const most = gone ? 15000 : Math.min(2500, 250 * 2 ** tries++);
    clearTimeout(timer);
    timer = setTimeout(connect, most * (0.5 + Math.random() / 2));
  }

  return {
    watch(boards) {
      wanted = boards;
      const asked = new Set(open ? open.split(",") : []);
      const more = [...wanted].some((board) => !asked.has(board)), fewer = wanted.size < asked.size;
      if (more || fewer || source) clearTimeout(timer);
      if (more || fewer) timer = setTimeout(connect, more ? 0 : SHRINK_AFTER_MS);
    },
  };
}

if (typeof SharedWorkerGlobalScope !== "undefined") {
  const ports = new Map(), latest = new Map();
  const who = new URL(location.href).searchParams.get("who");
  const line = stream(who, (name, data) => {
    if (name === "open") latest.clear();
    else latest.set(name === "board" ? data[0] : name, [name, data]);
    for (const [port, boards] of ports) if (name !== "board" || boards.has(data[0])) port.postMessage([name, data]);
  });
  const plan = () => line.watch(new Set([...ports.values()].flatMap((boards) => [...boards])));

  self.onconnect = ({ ports: [port] }) => {
    port.onmessage = ({ data: boards }) => {
      if (boards.length) ports.set(port, new Set(boards));
      else ports.delete(port);
      for (const key of ["beat", ...boards]) if (latest.has(key)) port.postMessage(latest.get(key));
      plan();
    };
  };
}
