// Where one looks: wheel, drag, buttons, keys, and `#t=12.5-14` (seconds) or `#line=123` behind the address.
const SPAN_MIN = 200;
let isAsked = false;
function redraw() {
  if (isAsked) return;
  isAsked = true;
  requestAnimationFrame(() => {
    isAsked = false;
    draw();
    document.getElementById("where").textContent = seconds(view.from) + " to " + seconds(view.to) + " of " + seconds(data.length);
  });
}

function look(from, to) {
  const span = Math.min(Math.max(to - from, SPAN_MIN), data.length);
  const begin = Math.min(Math.max(from, 0), data.length - span);
  view = { from: begin, to: begin + span };
  redraw();
}

function zoom(by, at) {
  const middle = at ?? (view.from + view.to) / 2;
  look(middle - (middle - view.from) * by, middle + (view.to - middle) * by);
}

function move(by) {
  const span = (view.to - view.from) * by;
  look(view.from + span, view.to + span);
}

function goTo(at, line) {
  const span = Math.min(view.to - view.from, 5e6);
  look(at - span / 2, at + span / 2);
  if (line !== undefined) redraw();
}

function choose(place, isStill) {
  if (data.marks.length === 0) return;
  chosen = (place + data.marks.length) % data.marks.length;
  showChosen();
  const mark = data.marks[chosen];
  if (!isStill && mark.at !== null) goTo(mark.at);
  redraw();
}

const buttons = {
  earlier: () => move(-0.25), later: () => move(0.25), in: () => zoom(0.5), out: () => zoom(2),
  all: () => look(0, data.length), previous: () => choose(chosen - 1), next: () => choose(chosen + 1),
};
for (const [name, press] of Object.entries(buttons)) document.getElementById(name).onclick = press;
for (const name of ["previous", "next"]) document.getElementById(name).disabled = data.marks.length === 0;

const keys = {
  ArrowLeft: buttons.earlier, ArrowRight: buttons.later, "+": buttons.in, "=": buttons.in, "-": buttons.out,
  0: buttons.all, Home: buttons.all, n: buttons.next, p: buttons.previous, Escape: () => { tip.hidden = true; },
};
window.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
  keys[event.key]();
  event.preventDefault();
});

canvas.addEventListener("wheel", (event) => {
  event.preventDefault();
  const isSideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
  if (isSideways) move((event.deltaX || event.deltaY) / 800);
  else zoom(Math.exp(Math.max(-200, Math.min(200, event.deltaY)) / 400), toTime(Math.max(event.offsetX, GUTTER)));
}, { passive: false });

let held = null;
canvas.addEventListener("pointerdown", (event) => {
  canvas.setPointerCapture(event.pointerId);
  const isOverview = event.offsetY >= below.overview;
  held = { x: event.offsetX, from: view.from, to: view.to, isOverview, isMoved: false };
  if (isOverview) toOverview(event.offsetX);
});
canvas.addEventListener("pointermove", (event) => {
  if (!held) return showTip(event.offsetX, event.offsetY);
  tip.hidden = true;
  held.isMoved ||= Math.abs(event.offsetX - held.x) > 3;
  if (held.isOverview) return toOverview(event.offsetX);
  canvas.classList.add("dragged");
  const by = (held.x - event.offsetX) / (width - GUTTER) * (held.to - held.from);
  look(held.from + by, held.to + by);
});
canvas.addEventListener("pointerup", (event) => {
  canvas.classList.remove("dragged");
  const wasMoved = held?.isMoved || held?.isOverview;
  held = null;
  if (wasMoved) return;
  const tick = nearest(event.offsetX, event.offsetY);
  const mark = data.marks.findIndex((mark) => mark.at !== null && event.offsetY < RULER + MARKS && Math.abs(toX(mark.at) - event.offsetX) < 9);
  const place = mark >= 0 ? mark : accused.get(tick?.line)?.[0];
  if (place !== undefined) choose(place, true);
});
canvas.addEventListener("pointerleave", () => { tip.hidden = true; });
canvas.addEventListener("dblclick", (event) => zoom(0.4, toTime(event.offsetX)));

function toOverview(x) {
  const at = (x - GUTTER) / (width - GUTTER) * data.length, half = (view.to - view.from) / 2;
  look(at - half, at + half);
}

function fromAddress() {
  const times = /^#t=([\d.]+)-([\d.]+)$/.exec(location.hash);
  if (times) return look(Number(times[1]) * 1e6, Number(times[2]) * 1e6);
  const line = /^#line=(\d+)$/.exec(location.hash);
  const tick = line && byLine.get(Number(line[1]));
  if (tick) return look(tick.t0 - 5e5, tick.t0 + 5e5);
  look(data.opened[0], data.opened[1]);
}

const hidden = data.ticks.all - operations.length;
if (hidden > 0) {
  const others = data.ticks.others_left_out;
  document.getElementById("thinned").textContent = "Thinned out: " + operations.length.toLocaleString("en") + " of "
    + data.ticks.all.toLocaleString("en") + " operations are drawn"
    + (others > 0 ? ", also " + others.toLocaleString("en") + " that were not ok are left out." : ", all that are not ok among them.")
    + " Curves and gaps are of all.";
}
function dress() {
  mix();
  fillLegend();
  redraw();
}
layOut();
dress();
fillPanel(choose, goTo);
if (data.marks.length > 0) {
  chosen = Math.max(0, data.marks.reduce((first, mark, place) =>
    mark.at !== null && (first < 0 || mark.at < data.marks[first].at) ? place : first, -1));
  showChosen();
}
fromAddress();
window.addEventListener("hashchange", fromAddress);
window.addEventListener("resize", redraw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", dress);
