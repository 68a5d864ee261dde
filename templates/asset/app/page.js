// The page's own script; without it everything works by reload.
const $ = (id) => document.getElementById(id);
const words = $('words').dataset, main = $('main'), rows = $('rows'), show = main.dataset.show;
const clock = () => Date.now() + ahead, ahead = document.body.dataset.clock - Date.now();   // the server's clock counts
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

function span(ms) {
  const m = Math.floor(ms / 60000), h = Math.floor(m / 60);
  if (m < 1) return words.now;
  if (m < 60) return fill(words.min, { m });
  if (h >= 24) return fill(words.dh, { d: Math.floor(h / 24), h: h % 24 });
  return m % 60 ? fill(words.hmin, { h, m: String(m % 60).padStart(2, '0') }) : fill(words.h, { h });
}
function tick() {
  for (const e of document.querySelectorAll('[data-since]')) e.textContent = span(clock() - e.dataset.since);
  for (const e of document.querySelectorAll('[data-until]')) {
    if (clock() >= e.dataset.until) e.remove(); else setTimeout(tick, e.dataset.until - clock() + 20);
  }
  for (const row of document.querySelectorAll('[data-end]')) {
    const ms = row.dataset.end - clock(), length = Math.min(1, Math.log1p(Math.max(0, ms) / 1200000) / Math.log(73));
    row.querySelector('.lives b').textContent = ms <= 0 ? words.over : ms < 60000 ? words.lastminute : fill(words.left, { time: span(ms) });
    for (const [end, x] of [['.ink', 'x2'], ['.end', 'x']]) row.querySelector(end).setAttribute(x, `${(100 * length).toFixed(1)}%`);
    row.dataset.urgency = ms <= 600000 ? 'last' : clock() >= row.dataset.soon ? 'soon' : '';
  }
}
