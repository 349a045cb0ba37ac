// What is said in words: the violations beside the picture, what is under the pointer, and the legend. All text is put
// into text nodes: what a run wrote never becomes markup.
function element(name, text, ...children) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  made.append(...children);
  return made;
}

const LINES_OPEN = 12;
function fillPanel(choose, goTo) {
  const panel = document.getElementById("panel");
  data.marks.forEach((mark, place) => {
    const heading = element("h2", mark.property + (mark.at === null ? "" : " at " + seconds(mark.at)));
    heading.tabIndex = 0;
    heading.onclick = () => choose(place);
    heading.onkeydown = (event) => event.key === "Enter" && choose(place);
    const article = element("article", undefined, heading, element("p", mark.sentence));
    if (mark.lines.length === 0) article.append(element("p", "Seen beside the history."));
    for (const shown of mark.lines.slice(0, LINES_OPEN)) {
      const line = element("button", "line " + shown.line + "  " + shown.text);
      line.className = "line short";
      line.title = "Show this line in the picture";
      line.onclick = () => {
        line.classList.toggle("short");
        choose(place, true);
        if (shown.at !== null) goTo(shown.at, shown.line);
      };
      article.append(line);
    }
    panel.append(article);
  });
}

function showChosen() {
  document.querySelectorAll("#panel article").forEach((article, place) => {
    article.classList.toggle("chosen", place === chosen);
    if (place === chosen) article.scrollIntoView({ block: "nearest" });
  });
}

// What is at a point: lines of text, the first one bold.
function under(x, y) {
  if (x < GUTTER) return null;
  const at = toTime(x);
  if (y > RULER && y < RULER + MARKS) {
    const near = data.marks.filter((mark) => mark.at !== null && Math.abs(toX(mark.at) - x) < 9);
    if (near.length > 0) return near.slice(0, 3).flatMap((mark) => [mark.property + " at " + seconds(mark.at), mark.sentence]);
  }
  const tick = nearest(x, y);
  if (tick) return told(tick);
  const lane = lanes.find((lane) => !lane.isEmpty && y >= lane.top && y < lane.bottom);
  if (lane) {
    const here = lanes.indexOf(lane);
    const faults = data.faults.filter((bar) => bar.lane === here && bar.from <= at && at <= (bar.to ?? data.length));
    const said = faults.map((bar) => bar.kind + " (" + bar.outcome + "), " + seconds(bar.from)
      + (bar.to === null ? ", never healed" : " for " + lasted(bar.to - bar.from)) + ", line " + bar.line);
    const led = data.led.find((led) => led.lane === here && led.from <= at && at <= led.to);
    if (led) said.push("leads in term " + led.term + " since " + seconds(led.from) + (at > led.sure ? ", until something was done to it or another one led" : ""));
    return [lane.name + " at " + seconds(at), ...said];
  }
  const place = Math.floor((y - below.outages) / GAP);
  const outage = y >= below.outages ? data.outages[place] : undefined;
  if (outage) {
    const gap = outage.gaps.find(([from, to]) => from <= at && at <= to);
    return gap ? ["no " + outage.name + " for " + lasted(gap[1] - gap[0]), seconds(gap[0]) + " to " + seconds(gap[1])] : null;
  }
  const step = Math.floor(at / data.series.step);
  if (y > below.latency && y < below.latency + CURVE) {
    const told = (name, curve) => name + ": p50 " + time(curve.p50[step]) + ", p99 " + time(curve.p99[step]);
    return ["latency at " + seconds(at), told("writes", data.series.writes), told("reads", data.series.reads)];
  }
  if (y > below.rate && y < below.rate + CURVE) {
    const { ok, fail, unknown } = data.series.rates;
    return ["per second at " + seconds(at), "ok " + ok[step] + ", refused " + fail[step] + ", unknown " + unknown[step]];
  }
  return null;
}

const time = (micros) => micros === null || micros === undefined ? "none" : lasted(micros);

function nearest(x, y) {
  let best = null, least = 8;
  for (const tick of operations) {
    if (!isSeen(tick.t0, tick.t1 ?? tick.t0) || lanes[tick.lane].isEmpty) continue;
    const from = toX(tick.t0), to = toX(tick.t1 ?? tick.t0);
    const away = Math.max(from - x, x - to, 0) + Math.abs(yOf(tick) - y);
    if (away < least || (away === least && tick.r !== "ok")) [best, least] = [tick, away];
  }
  return best;
}

const VERDICTS = { ok: "ok", fail: "refused: had no effect", unknown: "unknown: may have had its effect, or not" };
function told(tick) {
  const answer = tick.t1 === undefined ? "never answered" : "answered after " + lasted(tick.t1 - tick.t0);
  const lines = [tick.f + ": " + VERDICTS[tick.r], tick.what,
    "asked at " + seconds(tick.t0) + ", " + answer + ", by " + data.lanes[tick.lane],
    "process " + tick.p + ", line " + tick.line];
  for (const place of accused.get(tick.line) ?? []) lines.push("▼ " + data.marks[place].property + ": " + data.marks[place].sentence);
  return lines;
}

const tip = document.getElementById("tip");
function showTip(x, y) {
  const lines = under(x, y);
  tip.hidden = lines === null;
  if (lines === null) return;
  tip.replaceChildren(element("b", lines[0]), ...lines.slice(1).map((line) => element("div", line)));
  const right = x + 16 + tip.offsetWidth < width;
  tip.style.left = (right ? x + 14 : Math.max(0, x - tip.offsetWidth - 14)) + "px";
  tip.style.top = Math.max(0, Math.min(y + 14, height - tip.offsetHeight)) + "px";
}

function fillLegend() {
  const legend = document.getElementById("legend");
  const entry = (name, paint) => {
    const sample = document.createElement("canvas");
    sample.width = 52;
    sample.height = 28;
    const pen = sample.getContext("2d");
    pen.scale(2, 2);
    paint(pen);
    legend.append(element("span", undefined, sample, element("span", name)));
  };
  legend.replaceChildren();
  entry("ok", (pen) => glyph(pen, "ok", 4, 20, 7));
  entry("refused", (pen) => glyph(pen, "fail", 8, 20, 7));
  entry("unknown", (pen) => glyph(pen, "unknown", 8, 24, 7));
  entry("leads; pale: perhaps no more", (pen) => {
    pen.fillStyle = colour.leader;
    pen.fillRect(0, 0, 26, 14);
    pen.fillStyle = colour["leader-ink"];
    pen.fillRect(0, 0, 2, 14);
    pen.fillRect(0, 12, 26, 2);
  });
  if (data.marks.length > 0) entry("violation", (pen) => {
    pen.fillStyle = colour.bad;
    triangle(pen, 13, 7, 6);
    pen.fill();
  });
  if (data.installs.length > 0) entry("snapshot installed", (pen) => {
    pen.strokeStyle = colour["leader-ink"];
    pen.strokeRect(8, 3, 8, 8);
  });
  for (const [name, ink, dashes] of [["writes p50", "ok", []], ["writes p99", "ok", [4, 3]], ["reads p50", "read", []], ["reads p99", "read", [4, 3]]]) {
    entry(name, (pen) => {
      pen.strokeStyle = colour[ink];
      pen.lineWidth = 1.6;
      pen.setLineDash(dashes);
      pen.beginPath();
      pen.moveTo(0, 7);
      pen.lineTo(26, 7);
      pen.stroke();
    });
  }
  for (const kind of kinds) entry(kind, (pen) => {
    pen.fillStyle = hatchings.get(kind);
    pen.fillRect(0, 0, 26, 14);
    pen.strokeStyle = colour.fault;
    pen.strokeRect(0.5, 0.5, 25, 13);
  });
}
