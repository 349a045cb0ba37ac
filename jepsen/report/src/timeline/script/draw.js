// Everything that is on the canvas, from top to bottom, and what lies under a point of it.
const canvas = document.getElementById("canvas");
const pen = canvas.getContext("2d");
const GUTTER = 104, RULER = 24, MARKS = 22, BARS = 15, GAP = 20, CURVE = 92, OVERVIEW = 40, SPACE = 8;
// Many lanes are lower ones.
const ROW = data.lanes.length > 4 ? 14 : 17;
let width = 0, height = 0;
let view = { from: 0, to: 1 };
let chosen = -1;

// Where the lanes and what is below them begin.
const lanes = [];
let below = {};
function layOut() {
  let y = RULER + MARKS;
  lanes.length = 0;
  data.lanes.forEach((name, lane) => {
    const mine = data.faults.filter((bar) => bar.lane === lane);
    const bars = mine.reduce((most, bar) => Math.max(most, places.get(bar) + 1), 0);
    const isEmpty = mine.length === 0 && rowsOf[lane].length === 0 && !data.led.some((led) => led.lane === lane);
    const head = Math.max(1, bars) * BARS + 4;
    const tall = isEmpty ? 0 : head + rowsOf[lane].length * ROW + 4;
    lanes.push({ name, top: y, rows: y + head, bottom: y + tall, isEmpty });
    y += isEmpty ? 0 : tall + 4;
  });
  below = { outages: y + SPACE };
  below.latency = below.outages + data.outages.length * GAP + SPACE;
  below.rate = below.latency + CURVE + SPACE * 2;
  below.overview = below.rate + CURVE + SPACE * 2;
  height = below.overview + OVERVIEW + 4;
}

const toX = (micros) => GUTTER + (micros - view.from) / (view.to - view.from) * (width - GUTTER);
const toTime = (x) => view.from + (x - GUTTER) / (width - GUTTER) * (view.to - view.from);
const isSeen = (from, to) => to >= view.from && from <= view.to;
const rowIn = (tick) => rowsOf[tick.lane].findIndex((row) => row.of.has(tick.f));
const yOf = (tick) => lanes[tick.lane].rows + rowIn(tick) * ROW + 4 + (tick.p % 3) * (ROW - 8) / 2;
const endOf = (tick) => tick.t1 ?? data.length;

function draw() {
  const ratio = window.devicePixelRatio || 1;
  width = canvas.clientWidth;
  canvas.style.height = height + "px";
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.fillStyle = colour.paper;
  pen.fillRect(0, 0, width, height);
  pen.textBaseline = "middle";
  pen.font = "12px system-ui, 'DejaVu Sans', sans-serif";
  lanes.forEach(drawLane);
  inside(drawLed);
  drawRuler();
  inside(drawFaults);
  inside(drawTicks);
  drawOutages();
  drawLatency();
  drawRate();
  drawOverview();
  inside(drawMarks);
}

function inside(work) {
  pen.save();
  pen.beginPath();
  pen.rect(GUTTER, 0, width - GUTTER, height);
  pen.clip();
  work();
  pen.restore();
}

function write(text, x, y, ink, align) {
  pen.fillStyle = ink;
  pen.textAlign = align ?? "left";
  pen.fillText(text, x, y);
}

function drawLane(lane, number) {
  if (lane.isEmpty) return;
  pen.fillStyle = colour.lane;
  pen.fillRect(0, lane.top, width, lane.bottom - lane.top);
  pen.font = "600 13px system-ui, 'DejaVu Sans', sans-serif";
  write(fitting(lane.name, GUTTER - 14), 8, lane.top + 11, colour.ink);
  pen.font = "11px system-ui, 'DejaVu Sans', sans-serif";
  rowsOf[number].forEach((row, place) => {
    const y = lane.rows + place * ROW;
    if (place % 2 === 0) {
      pen.fillStyle = colour.lane2;
      pen.fillRect(GUTTER, y, width - GUTTER, ROW);
    }
    write(row.name, GUTTER - 8, y + ROW / 2, colour.faint, "right");
  });
}

function drawLed() {
  for (const led of data.led) {
    const lane = lanes[led.lane];
    if (lane.isEmpty || !isSeen(led.from, led.to)) continue;
    pen.fillStyle = colour.leader;
    pen.fillRect(toX(led.from), lane.top, toX(led.sure) - toX(led.from), lane.bottom - lane.top);
    pen.save();
    pen.globalAlpha = 0.35;
    pen.fillRect(toX(led.sure), lane.top, toX(led.to) - toX(led.sure), lane.bottom - lane.top);
    pen.restore();
    pen.fillStyle = colour["leader-ink"];
    pen.fillRect(toX(led.from), lane.top, 2, lane.bottom - lane.top);
    pen.fillRect(toX(led.from), lane.bottom - 2, toX(led.sure) - toX(led.from), 2);
    const x = Math.max(toX(led.from), GUTTER) + 5;
    const name = "leads, term " + led.term;
    pen.font = "11px system-ui, 'DejaVu Sans', sans-serif";
    const wide = pen.measureText(name).width + 6;
    const isFree = !data.faults.some((bar) => bar.lane === led.lane && toX(bar.from) < x + wide && toX(bar.to ?? data.length) > x);
    if (isFree && toX(led.sure) - x > wide) {
      write(name, x, lane.top + 8, colour["leader-ink"]);
    }
  }
}

function drawRuler() {
  const span = view.to - view.from;
  const rough = span / Math.max(2, (width - GUTTER) / 110);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((times) => times * power).find((step) => step >= rough);
  const digits = Math.max(0, -Math.floor(Math.log10(step / 1e6) + 1e-9));
  pen.font = "11px system-ui, 'DejaVu Sans', sans-serif";
  for (let at = Math.ceil(view.from / step) * step; at <= view.to; at += step) {
    pen.fillStyle = colour.line;
    pen.fillRect(toX(at), RULER - 5, 1, below.overview - SPACE - RULER + 5);
    const isLast = toX(at) > width - 30;
    write((at / 1e6).toFixed(digits) + " s", toX(at) - (isLast ? 2 : 0), 10, colour.faint, isLast ? "right" : "center");
  }
}

function drawFaults() {
  for (const bar of data.faults) {
    const to = bar.to ?? data.length;
    const lane = lanes[bar.lane];
    if (lane.isEmpty || !isSeen(bar.from, to)) continue;
    const x = toX(bar.from), wide = Math.max(2, toX(to) - x), y = lane.top + 2 + places.get(bar) * BARS;
    if (bar.outcome !== "skipped") {
      pen.fillStyle = colour["fault-fill"];
      pen.fillRect(x, lane.rows, wide, lane.bottom - lane.rows);
      pen.fillStyle = colour.paper;
      pen.fillRect(x, y, wide, BARS - 2);
      pen.fillStyle = hatchings.get(bar.kind);
      pen.fillRect(x, y, wide, BARS - 2);
    }
    pen.strokeStyle = colour.fault;
    pen.lineWidth = 1;
    pen.setLineDash(bar.outcome === "installed" ? [] : [4, 3]);
    pen.strokeRect(x + 0.5, y + 0.5, Math.max(1, wide - 1), BARS - 3);
    pen.setLineDash([]);
    const name = bar.kind + (bar.outcome === "installed" ? "" : " (" + bar.outcome + ")");
    const left = Math.max(x, GUTTER) + 4, room = Math.min(x + wide, width) - left - 4;
    pen.font = "600 11px system-ui, 'DejaVu Sans', sans-serif";
    const said = fitting(name, room);
    if (said.length > Math.min(4, name.length - 1)) {
      pen.fillStyle = colour.paper;
      pen.fillRect(left - 2, y + 1.5, pen.measureText(said).width + 4, BARS - 5);
      write(said, left, y + BARS / 2 - 0.5, colour.ink);
    }
  }
  for (const install of data.installs) {
    if (!isSeen(install.at, install.at)) continue;
    const lane = lanes[install.lane];
    pen.strokeStyle = colour["leader-ink"];
    pen.lineWidth = 1.5;
    pen.strokeRect(toX(install.at) - 4, lane.rows - 12, 8, 8);
    pen.fillStyle = colour["leader-ink"];
    pen.fillRect(toX(install.at) - 0.5, lane.rows - 4, 1, lane.bottom - lane.rows + 4);
  }
}

// The beginning of a text that has room.
function fitting(text, room) {
  if (pen.measureText(text).width <= room) return text;
  let end = text.length;
  while (end > 0 && pen.measureText(text.slice(0, end) + "…").width > room) end--;
  return end === 0 ? "" : text.slice(0, end) + "…";
}

function drawTicks() {
  const seen = operations.filter((tick) => isSeen(tick.t0, tick.r === "unknown" ? (tick.t1 ?? tick.t0) : endOf(tick)));
  for (const verdict of ["ok", "fail", "unknown"]) {
    for (const tick of seen) {
      if (tick.r === verdict) glyph(pen, verdict, toX(tick.t0), toX(tick.t1 ?? tick.t0), yOf(tick));
    }
  }
  for (const tick of seen) {
    if (!accused.has(tick.line)) continue;
    const isChosen = accused.get(tick.line).includes(chosen);
    pen.strokeStyle = colour.bad;
    pen.lineWidth = isChosen ? 2.4 : 1.4;
    const x = toX(tick.t0), wide = Math.max(6, toX(tick.t1 ?? tick.t0) - x);
    pen.strokeRect(x - 4, yOf(tick) - 6, wide + 8, 12);
  }
}

function drawMarks() {
  data.marks.forEach((mark, place) => {
    if (mark.at === null) return;
    const x = toX(mark.at), y = RULER + MARKS / 2;
    if (place === chosen) {
      pen.strokeStyle = colour.bad;
      pen.lineWidth = 1.4;
      pen.setLineDash([5, 4]);
      for (const shown of mark.lines) {
        const tick = byLine.get(shown.line);
        if (!tick || lanes[tick.lane].isEmpty) continue;
        pen.beginPath();
        pen.moveTo(x, y + 6);
        pen.lineTo(toX(tick.t0), yOf(tick));
        pen.stroke();
      }
      pen.setLineDash([]);
    }
    if (!isSeen(mark.at, mark.at)) return;
    pen.fillStyle = colour.bad;
    triangle(pen, x, y, place === chosen ? 9 : 7);
    pen.fill();
  });
  nameMarks();
}

// Names where there is room, the chosen one first.
function nameMarks() {
  pen.font = "600 12px system-ui, 'DejaVu Sans', sans-serif";
  const taken = [];
  const inOrder = data.marks.map((mark, place) => ({ mark, place })).filter(({ mark }) => mark.at !== null && isSeen(mark.at, mark.at));
  inOrder.sort((a, b) => (b.place === chosen) - (a.place === chosen) || a.mark.at - b.mark.at);
  for (const { mark, place } of inOrder) {
    const left = toX(mark.at) + 12, right = left + pen.measureText(mark.property).width;
    const others = data.marks.filter((other) => other.at !== null && other.at !== mark.at).map((other) => toX(other.at));
    const isTaken = taken.some(([from, to]) => left < to + 8 && right > from - 20) || others.some((x) => x > left - 4 && x < right + 8);
    if (isTaken && place !== chosen) continue;
    taken.push([left, right]);
    write(mark.property, left, RULER + MARKS / 2, colour.bad);
  }
}

function drawOutages() {
  data.outages.forEach((outage, place) => {
    const y = below.outages + place * GAP;
    pen.font = "11px system-ui, 'DejaVu Sans', sans-serif";
    write("no " + outage.name, GUTTER - 8, y + GAP / 2, colour.faint, "right");
    inside(() => {
      pen.fillStyle = colour.lane;
      pen.fillRect(toX(outage.asked[0]), y + 3, toX(outage.asked[1]) - toX(outage.asked[0]), GAP - 6);
      for (const [from, to] of outage.gaps) {
        if (!isSeen(from, to)) continue;
        const x = toX(from), wide = Math.max(1.5, toX(to) - x);
        pen.fillStyle = colour.gap;
        pen.globalAlpha = to - from >= 5e5 ? 1 : 0.55;
        pen.fillRect(x, y + 3, wide, GAP - 6);
        pen.globalAlpha = 1;
        const said = lasted(to - from), middle = (Math.max(x, GUTTER) + Math.min(x + wide, width)) / 2;
        if (wide > pen.measureText(said).width + 8) write(said, middle, y + GAP / 2, colour.paper, "center");
      }
    });
  });
}

// A panel below the lanes: its name, its frame and the heights it counts by.
function panel(y, name, ticks, toY, unit) {
  pen.fillStyle = colour.lane;
  pen.fillRect(GUTTER, y, width - GUTTER, CURVE);
  pen.font = "600 12px system-ui, 'DejaVu Sans', sans-serif";
  name.forEach((line, place) => write(line, 8, y + 10 + place * 15, place === 0 ? colour.ink : colour.faint));
  pen.font = "11px system-ui, 'DejaVu Sans', sans-serif";
  for (const tick of ticks) {
    pen.fillStyle = colour.line;
    pen.fillRect(GUTTER, toY(tick), width - GUTTER, 1);
    write(unit(tick), GUTTER - 8, Math.min(Math.max(toY(tick), y + 6), y + CURVE - 5), colour.faint, "right");
  }
}

function drawLatency() {
  const curves = [data.series.writes, data.series.reads];
  const highest = Math.max(1e4, ...curves.flatMap((curve) => curve.p99.filter((value) => value !== null)));
  const low = 2, high = Math.log10(highest) + 0.1;
  const y = below.latency;
  const toY = (micros) => y + CURVE - 3 - (Math.max(low, Math.log10(Math.max(1, micros))) - low) / (high - low) * (CURVE - 8);
  const powers = [1e2, 1e3, 1e4, 1e5, 1e6, 1e7].filter((power) => Math.log10(power) <= high);
  panel(y, ["latency", "log"], powers.filter((power) => power > 100), toY, lasted);
  inside(() => {
    [[data.series.writes, "ok"], [data.series.reads, "read"]].forEach(([curve, ink]) => {
      line(curve.p99, colour[ink], [4, 3], toY);
      line(curve.p50, colour[ink], [], toY);
    });
  });
}

function line(values, ink, dashes, toY) {
  pen.strokeStyle = ink;
  pen.lineWidth = 1.6;
  pen.setLineDash(dashes);
  pen.beginPath();
  let isBegun = false;
  values.forEach((value, place) => {
    if (value === null) {
      isBegun = false;
      return;
    }
    const x = toX((place + 0.5) * data.series.step);
    // A point between two holes is seen, too.
    if (!isBegun) pen.moveTo(x - 1, toY(value));
    pen.lineTo(x, toY(value));
    isBegun = true;
  });
  pen.stroke();
  pen.setLineDash([]);
}

function drawRate() {
  const { ok, fail, unknown } = data.series.rates;
  const highest = Math.max(10, ...ok.map((value, place) => value + fail[place] + unknown[place]));
  const y = below.rate;
  const toY = (rate) => y + CURVE - 2 - rate / highest * (CURVE - 12);
  const power = 10 ** Math.floor(Math.log10(highest));
  const step = highest / power < 2 ? power / 2 : highest / power < 5 ? power : power * 2;
  const ticks = [1, 2, 3, 4].map((times) => times * step).filter((rate) => rate <= highest);
  panel(y, ["rate", "per s"], ticks, toY, (rate) => rate.toLocaleString("en"));
  inside(() => {
    const wide = Math.max(1, toX(data.series.step) - toX(0) - 0.5);
    ok.forEach((value, place) => {
      const x = toX(place * data.series.step);
      if (x > width || x + wide < GUTTER) return;
      let under = 0;
      for (const [part, ink] of [[value, "ok"], [fail[place], "fail"], [unknown[place], "unknown"]]) {
        pen.fillStyle = colour[ink];
        pen.fillRect(x, toY(under + part), wide, toY(under) - toY(under + part));
        under += part;
      }
    });
  });
}

// The whole run, and where in it one is.
function drawOverview() {
  const y = below.overview;
  const at = (micros) => GUTTER + micros / data.length * (width - GUTTER);
  pen.fillStyle = colour.lane;
  pen.fillRect(GUTTER, y, width - GUTTER, OVERVIEW);
  pen.font = "600 12px system-ui, 'DejaVu Sans', sans-serif";
  write("whole run", 8, y + OVERVIEW / 2, colour.ink);
  const highest = Math.max(1, ...data.series.rates.ok);
  pen.fillStyle = colour.line;
  data.series.rates.ok.forEach((value, place) => {
    const tall = value / highest * (OVERVIEW - 8);
    pen.fillRect(at(place * data.series.step), y + OVERVIEW - tall, Math.max(1, at(data.series.step) - GUTTER), tall);
  });
  for (const bar of data.faults.filter((bar) => bar.outcome !== "skipped")) {
    pen.fillStyle = colour.faint;
    pen.fillRect(at(bar.from), y + 2 + (bar.lane % 8) * 3, Math.max(1, at(bar.to ?? data.length) - at(bar.from)), 2);
  }
  for (const mark of data.marks.filter((mark) => mark.at !== null)) {
    pen.fillStyle = colour.bad;
    triangle(pen, at(mark.at), y + 5, 5);
    pen.fill();
  }
  pen.strokeStyle = colour.ink;
  pen.lineWidth = 1.5;
  const left = at(view.from);
  pen.strokeRect(left + 0.75, y + 0.75, Math.max(3, at(view.to) - left - 1.5), OVERVIEW - 1.5);
}
