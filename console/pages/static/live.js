"use strict";
// Every element [data-live="BOARD"] of this page follows the rows; when nothing is heard any more, the page says so.
{
  const STALE_AFTER_MS = 25000, TICK_MS = 1000, MARKED_MS = 20000, FIELDS = "input:not([type=hidden]), select, textarea";
  const places = () => [...document.querySelectorAll("[data-live]")];
  const late = new Map(), { title } = document;
  let heardAt = Date.now(), ahead = 0, gone = false;

  /** While a dialog or a menu is open within, a recording plays, somebody types, or has typed what is not sent yet; and, for a while, as long as words are marked to be copied. */
  function held(place, since) {
    const marked = getSelection();
    return (
      place.querySelector("dialog[open], .dropdown-menu.show") ||
      [...place.querySelectorAll("audio")].some((recording) => !recording.paused) ||
      [...place.querySelectorAll(FIELDS)].some((field) => field === document.activeElement || typed(field)) ||
      (marked.type === "Range" && place.contains(marked.anchorNode) && Date.now() - since < MARKED_MS)
    );
  }

  function show(place, html, asOf, since = late.get(place)?.[2] ?? Date.now()) {
    if (held(place, since)) return late.set(place, [html, asOf, since]);
    late.delete(place);
    const back = [focused(place), opened(place)];
    place.innerHTML = html;
    place.dataset.asOf = html.trim() && asOf;
    place.removeAttribute("aria-busy");
    for (const bring of back) bring();
    age();
    const ringing = document.querySelector("[data-ringing]");
    document.title = ringing ? `${ringing.dataset.ringing} · ${title}` : title;
  }

  /** The parts that are open within, each known by what it is called, and how far lists are scrolled. */
  function opened(place) {
    const parts = () => [...place.querySelectorAll("details")], lists = () => [...place.querySelectorAll("[tabindex]")];
    const were = new Map(parts().map((part) => [part.firstElementChild?.textContent, part.open])), scrolled = lists().map(({ scrollTop }) => scrollTop);
    return () => {
      for (const part of parts()) part.open = were.get(part.firstElementChild?.textContent) ?? part.open;
      lists().forEach((list, at) => (list.scrollTop = scrolled[at] ?? 0));
    };
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
    const showLate = () => late.forEach((data, place) => show(place, ...data));
    // The end of a dialog or a recording is heard by nobody above it, except on the way down.
    for (const end of ["focusout", "close", "pause", "hidden.bs.dropdown", "selectionchange"]) addEventListener(end, () => setTimeout(showLate), true);
    setInterval(() => {
      if (Date.now() - heardAt > STALE_AFTER_MS) silence(gone ? "gone" : "silent");
      else age();
      showLate();
    }, TICK_MS);
  }
}
