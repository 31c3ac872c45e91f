// Nothing here is needed to use a page: without it, pages are reloaded by hand.
"use strict";

function themeButton() {
  const button = document.getElementById("theme");
  if (!button) return;
  const root = document.documentElement;
  const dark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const label = () => { button.textContent = dark() ? "Light" : "Dark"; button.setAttribute("aria-label", "Use the " + (dark() ? "light" : "dark") + " theme"); };
  button.hidden = false;
  label();
  button.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    try { localStorage.setItem("theme", root.dataset.theme); } catch (error) { /* kept for this page only */ }
    label();
  });
}

// <div data-live="/path" data-seconds="5">: its content is fetched again and again while the page is looked at.
function live(element) {
  const seconds = Number(element.dataset.seconds || 5);
  let failures = 0;
  async function turn() {
    if (!element.isConnected) return;
    const busy = element.contains(document.activeElement) && document.activeElement !== document.body;
    if (!document.hidden && !busy) {
      try {
        const answer = await fetch(element.dataset.live, { headers: { "X-Live": "1" }, signal: AbortSignal.timeout(10000) });
        if (answer.status === 401) { location.reload(); return; }
        if (!answer.ok) throw new Error(String(answer.status));
        const text = await answer.text();
        if (text !== element.dataset.last) { element.innerHTML = text; element.dataset.last = text; }
        failures = 0;
        element.classList.remove("stale");
        if (element.querySelector("[data-done]")) return;
      } catch (error) {
        failures += 1;
        if (failures > 1) element.classList.add("stale");
      }
    }
    setTimeout(turn, 1000 * seconds * Math.min(4, 1 + failures));
  }
  setTimeout(turn, 1000 * Math.min(1, seconds)); // what was not known when the page was made is there soon
}

document.addEventListener("DOMContentLoaded", () => {
  const here = document.querySelector(".top [aria-current]");
  if (here) here.parentElement.parentElement.parentElement.scrollLeft = here.offsetLeft - 40;
  themeButton();
  document.querySelectorAll("[data-live]").forEach(live);
});

// Zones that are chosen on the map go into the two fields, and the suggested distance beside the third.
function zoneMap() {
  const map = document.getElementById("map"); // only who may ask for a ride has one
  const form = document.getElementById("predict");
  if (!map) return;
  const fields = [form.elements.from, form.elements.to];
  const zones = new Map([...map.querySelectorAll("[data-zone]")].map((dot) => [dot.dataset.zone, dot]));
  const route = document.getElementById("route");
  const marks = ["from-here", "to-there"].map((id) => document.getElementById(id));
  const pointed = document.getElementById("pointed");
  let next = 0;

  async function show() {
    const ends = fields.map((field) => zones.get(field.value));
    zones.forEach((dot) => dot.classList.toggle("chosen", ends.includes(dot)));
    route.setAttribute("visibility", ends[0] && ends[1] ? "visible" : "hidden");
    ends.forEach((dot, at) => {
      marks[at].setAttribute("visibility", dot ? "visible" : "hidden");
      if (!dot) return;
      const right = Number(dot.getAttribute("cx")) < map.viewBox.baseVal.width - 70;
      marks[at].setAttribute("text-anchor", right ? "start" : "end");
      marks[at].setAttribute("x", Number(dot.getAttribute("cx")) + (right ? 14 : -14));
      marks[at].setAttribute("y", Number(dot.getAttribute("cy")) + 6);
      route.setAttribute("x" + (at + 1), dot.getAttribute("cx"));
      route.setAttribute("y" + (at + 1), dot.getAttribute("cy"));
    });
    if (!fields[0].value || !fields[1].value) return;
    const query = new URLSearchParams({ from: fields[0].value, to: fields[1].value });
    try {
      const answer = await fetch(form.dataset.distance + "?" + query, { headers: { "X-Live": "1" } });
      const miles = answer.ok ? (await answer.json()).miles : null;
      form.elements.miles.placeholder = miles === null ? "" : String(miles);
      document.getElementById("suggested").textContent = miles === null
        ? "Not known between these: give the miles." : "Suggested: " + miles + " miles. Empty: this distance.";
    } catch (error) { /* the server knows the distance too */ }
  }

  function choose(dot) {
    fields[next].value = dot.dataset.zone;
    next = 1 - next;
    show();
  }

  // The nearest dot that lies more in the arrow's direction than beside it.
  function neighbour(dot, [right, down]) {
    const place = (one) => [Number(one.getAttribute("cx")), Number(one.getAttribute("cy"))];
    const [x, y] = place(dot);
    let found = null, least = Infinity;
    zones.forEach((other) => {
      const [dx, dy] = [place(other)[0] - x, place(other)[1] - y];
      const along = dx * right + dy * down, beside = Math.abs(dx * down) + Math.abs(dy * right);
      if (along > 0 && beside <= along && Math.hypot(dx, dy) < least) { found = other; least = Math.hypot(dx, dy); }
    });
    return found;
  }

  const arrows = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
  map.addEventListener("click", (event) => {
    const dot = event.target.closest("[data-zone]");
    if (dot) choose(dot);
  });
  map.addEventListener("keydown", (event) => {
    const dot = event.target.closest("[data-zone]");
    if (!dot || !(event.key in arrows || event.key === "Enter" || event.key === " ")) return;
    event.preventDefault();
    if (!(event.key in arrows)) { choose(dot); return; }
    const other = neighbour(dot, arrows[event.key]);
    if (!other) return;
    dot.setAttribute("tabindex", "-1");
    other.setAttribute("tabindex", "0");
    other.focus();
  });
  ["pointerover", "focusin"].forEach((kind) => map.addEventListener(kind, (event) => {
    const dot = event.target.closest("[data-zone]");
    pointed.textContent = dot ? dot.dataset.zone : "";
  }));
  fields.forEach((field) => field.addEventListener("change", show));
  show();
}

document.addEventListener("DOMContentLoaded", zoneMap);
