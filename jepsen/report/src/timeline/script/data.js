// What is drawn, as the page brings it along, and what is easier to have at hand. Times are microseconds.
const data = JSON.parse(document.getElementById("data").textContent);

// The rows of a lane, and the kinds of operation in them.
const ROWS = [
  { name: "writes", of: ["write", "delete", "cas", "add", "apply"] },
  { name: "reads", of: ["read", "read_set", "read_ctr", "usage"] },
  { name: "addresses", of: ["alloc", "renew", "release"] },
  { name: "DNS", of: ["dns"] },
  { name: "other", of: ["watch", "digest"] },
].map((row) => ({ ...row, of: new Set(row.of) }));

// Each lane has the rows that are used in it.
const rowsOf = data.lanes.map((_, lane) => {
  const here = new Set(data.ticks.shown.filter((tick) => tick.lane === lane).map((tick) => tick.f));
  return ROWS.filter((row) => [...row.of].some((kind) => here.has(kind)));
});

const operations = data.ticks.shown;
const byLine = new Map(operations.map((tick) => [tick.line, tick]));
const kinds = [...new Set(data.faults.map((bar) => bar.kind))].sort();

// Lines that a violation points at, and which ones do.
const accused = new Map();
data.marks.forEach((mark, place) => mark.lines.forEach((shown) => {
  accused.set(shown.line, [...(accused.get(shown.line) ?? []), place]);
}));

// Faults of a node that overlap stand below each other.
const BARS_MAX = 3;
const places = new Map();
for (let lane = 0; lane < data.lanes.length; lane++) {
  const free = [];
  for (const bar of data.faults.filter((bar) => bar.lane === lane).sort((a, b) => a.from - b.from)) {
    let place = free.findIndex((until) => until <= bar.from);
    if (place < 0) place = Math.min(free.length, BARS_MAX - 1);
    free[place] = bar.to ?? data.length;
    places.set(bar, place);
  }
}

function seconds(micros) {
  const digits = Math.abs(micros) < 1e5 ? 4 : 3;
  return (micros / 1e6).toFixed(digits) + " s";
}

function lasted(micros) {
  if (micros < 1e3) return micros + " µs";
  if (micros < 1e6) return (micros / 1e3).toFixed(micros < 1e4 ? 2 : 0) + " ms";
  return (micros / 1e6).toFixed(2) + " s";
}
