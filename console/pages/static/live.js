"use strict";
// Every element [data-live="BOARD"] of this page follows the rows; when nothing is heard any more, the page says so.
{
  const STALE_AFTER_MS = 25000, TICK_MS = 1000, FIELDS = "input:not([type=hidden]), select, textarea";
  const places = () => [...document.querySelectorAll("[data-live]")];
  const late = new Map(), { title } = document;
  let heardAt = Date.now(), ahead = 0, gone = false;

  /** Not while a dialog is open within, somebody types, or has typed what is not sent yet. */
  function show(place, html, asOf) {
    if (place.querySelector("dialog[open]") || [...place.querySelectorAll(FIELDS)].some((field) => field === document.activeElement || typed(field))) return late.set(place, [html, asOf]);
    late.delete(place);
    const back = focused(place);
    place.innerHTML = html;
    place.dataset.asOf = html.trim() && asOf;
    place.removeAttribute("aria-busy");
    back();
    age();
    const ringing = document.querySelector("[data-ringing]");
    document.title = ringing ? `${ringing.dataset.ringing} · ${title}` : title;
  }

  /** What has the focus within, to be found again by its id, or by its place among those that can have it. */
  function focused(place) {
    const all = () => [...place.querySelectorAll("a[href], button, summary, [tabindex]")];
    const { activeElement } = document, at = all().indexOf(activeElement), { id } = activeElement ?? {};
    return () => at >= 0 && ((id && document.getElementById(id)) || all()[at])?.focus({ preventScroll: true });
  }

  function hear([name, data]) {
    heardAt = Date.now();
    if (name === "beat") ahead = data;
    if (name === "board") for (const place of places()) if (place.dataset.live === data[0]) show(place, data[1], data[2]);
    gone = name === "gone";
    silence(gone ? "gone" : "");
    document.documentElement.dispatchEvent(new CustomEvent("live", { detail: [name, data] }));
  }

  function silence(why) {
    document.body.classList.toggle("live-stale", why !== "");
    for (const banner of document.querySelectorAll("[data-live-banner]")) banner.hidden = banner.dataset.liveBanner !== why;
  }

  /** [data-since] is a moment of the server, in ms since 1970; its element shows how long ago that was, or how often `data-every` s began. */
  function age() {
    for (const element of document.querySelectorAll("[data-since]")) {
      const seconds = Math.max(0, Math.floor((Date.now() + ahead - element.dataset.since) / 1000));
      const { every } = element.dataset;
      if (every) element.textContent = element.dataset.count = Math.floor(seconds / every) + 1;
      if (every) continue;
      const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
      element.textContent = (parts[0] ? parts : parts.slice(1)).map((part, i) => (i ? `${part}`.padStart(2, "0") : part)).join(":");
    }
  }

  const { who } = document.body.dataset;
  const boards = places().map((place) => place.dataset.live);
  if (boards.length) {
    let line;
    if (typeof SharedWorker === "undefined") {
      const own = stream(who, (name, data) => name !== "open" && hear([name, data]));
      line = { watch: (wanted) => own.watch(new Set(wanted)) };
    } else {
      const { port } = new SharedWorker(`/static/worker.js?who=${encodeURIComponent(who)}`);
      port.onmessage = ({ data }) => data[0] !== "open" && hear(data);
      line = { watch: (wanted) => port.postMessage(wanted) };
    }
    line.watch(boards);
    addEventListener("pagehide", () => line.watch([]));
    addEventListener("pageshow", ({ persisted }) => persisted && line.watch(boards));
    // The end of a dialog is heard by nobody above it, except on the way down.
    for (const end of ["focusout", "close"]) addEventListener(end, () => setTimeout(() => late.forEach((data, place) => show(place, ...data))), true);
    setInterval(() => {
      if (Date.now() - heardAt > STALE_AFTER_MS) silence(gone ? "gone" : "silent");
      else age();
    }, TICK_MS);
  }
}
