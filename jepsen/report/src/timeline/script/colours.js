// Colours as the style has them, light or dark, and hatchings: what is told by a colour is told by a shape, too.
let colour = {};
let hatchings = new Map();

function mix() {
  const style = getComputedStyle(document.documentElement);
  const names = ["paper", "ink", "faint", "line", "lane", "lane2", "ok", "fail", "unknown", "bad",
    "leader", "leader-ink", "fault", "fault-fill", "read", "gap", "chip"];
  colour = Object.fromEntries(names.map((name) => [name, style.getPropertyValue("--" + name).trim()]));
  hatchings = new Map(kinds.map((kind, place) => [kind, hatching(place)]));
}

// Lines of a tile of eight points; each kind of fault has its own.
const STROKES = [
  [[0, 8, 8, 0]], [[0, 0, 8, 8]], [[0, 8, 8, 0], [0, 0, 8, 8]], [[0, 4, 8, 4]], [[4, 0, 4, 8]],
  [[4, 0, 4, 8], [0, 4, 8, 4]], [[3, 4, 5, 4]], [[0, 2, 4, 6], [4, 6, 8, 2]], [[1, 1, 3, 1], [5, 5, 7, 5]], [[0, 8, 4, 4]],
];

function hatching(place) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const pen = tile.getContext("2d");
  pen.strokeStyle = colour.fault;
  pen.lineWidth = 1.2;
  for (const [x0, y0, x1, y1] of STROKES[place % STROKES.length]) {
    pen.beginPath();
    pen.moveTo(x0, y0);
    pen.lineTo(x1, y1);
    pen.stroke();
  }
  return pen.createPattern(tile, "repeat");
}

// One operation: a bar if it went well, a ring if it was refused, a cross if nobody knows.
function glyph(pen, verdict, x0, x1, y) {
  pen.strokeStyle = pen.fillStyle = colour[verdict];
  pen.lineWidth = 1.6;
  if (verdict === "ok") {
    pen.fillRect(x0, y - 2, Math.max(1.4, x1 - x0), 4);
  } else if (verdict === "fail") {
    pen.fillRect(x0, y - 0.5, Math.max(0, x1 - x0), 1);
    pen.beginPath();
    pen.arc(x0, y, 2.6, 0, 7);
    pen.fillStyle = colour.paper;
    pen.fill();
    pen.stroke();
  } else {
    pen.save();
    pen.globalAlpha = 0.45;
    pen.setLineDash([3, 3]);
    pen.beginPath();
    pen.moveTo(x0, y);
    pen.lineTo(x1, y);
    pen.stroke();
    pen.restore();
    pen.beginPath();
    pen.moveTo(x0 - 2.6, y - 2.6);
    pen.lineTo(x0 + 2.6, y + 2.6);
    pen.moveTo(x0 - 2.6, y + 2.6);
    pen.lineTo(x0 + 2.6, y - 2.6);
    pen.stroke();
  }
}

function triangle(pen, x, y, size) {
  pen.beginPath();
  pen.moveTo(x - size, y - size);
  pen.lineTo(x + size, y - size);
  pen.lineTo(x, y + size * 0.8);
  pen.closePath();
}
