// The page's own script; without it everything works by reload.
const $ = (id) => document.getElementById(id);
const words = document.body.dataset, main = $('main'), rows = $('rows'), show = main.dataset.show;
const clock = () => Date.now() + ahead, ahead = words.clock - Date.now();   // the server's clock counts
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
let revision = main.dataset.revision;

function span(ms) {
  const m = Math.floor(ms / 60000), h = Math.floor(m / 60);
  if (m < 1) return words.now;
  if (m < 60) return fill(words.min, { m });
  if (h >= 24) return fill(words.dh, { d: Math.floor(h / 24), h: h % 24 });
  return m % 60 ? fill(words.hmin, { h, m: String(m % 60).padStart(2, '0') }) : fill(words.h, { h });
}
function tick() {
  for (const e of document.querySelectorAll('[data-since]')) e.textContent = span(clock() - e.dataset.since);
  for (const row of document.querySelectorAll('[data-end]')) {
    const ms = row.dataset.end - clock(), length = Math.min(1, Math.log1p(Math.max(0, ms) / 1200000) / Math.log(73));
    row.querySelector('.lives b').textContent = ms <= 0 ? words.over : ms < 60000 ? words.lastminute : fill(words.left, { time: span(ms) });
    for (const [end, x] of [['.ink', 'x2'], ['.end', 'x']]) row.querySelector(end).setAttribute(x, `${(100 * length).toFixed(1)}%`);
    row.dataset.urgency = ms <= 600000 ? 'last' : clock() >= row.dataset.soon ? 'soon' : '';
  }
}

// ---- merging: what is typed, unfolded or focused goes over
const held = (row) => row.matches(':hover, :focus-within') || [...row.querySelectorAll('textarea, input:not([type=hidden], [type=radio])')].some((e) => e.value);
const sign = (e) => [e.tagName, e.name, e.type === 'radio' && e.value, (e.form ?? e).getAttribute('action'), e.getAttribute('href'), e.parentElement.dataset.keep].join();
const twin = (e, place) => [...place.querySelectorAll('a, button, input, textarea, summary')].find((other) => sign(other) === sign(e));
const grip = (row) => row?.querySelector('.act button, .act summary, .open button') ?? row?.querySelector('h3 a');
const carry = (old, fresh) => { for (const e of old.querySelectorAll('[data-told]')) fresh.querySelector(`[data-once=${e.dataset.once}]:not([data-told])`)?.replaceWith(e.cloneNode(true)); };
function keep(old, fresh) {
  const had = old.contains(document.activeElement) && document.activeElement; carry(old, fresh);
  for (const d of old.querySelectorAll('details[open]')) fresh.querySelector(`details[data-keep="${d.dataset.keep}"]`)?.setAttribute('open', '');
  for (const e of old.querySelectorAll('textarea, input:not([type=hidden])')) { const other = twin(e, fresh); if (other && !('empty' in other.dataset)) other.replaceWith(e); }
  if (old.dataset.state === fresh.dataset.state && !fresh.querySelector('.said')) fresh.querySelector('.face').after(old.querySelector('.said') ?? '');
  const next = had && (twin(had, fresh) ?? grip(fresh));
  old.replaceWith(fresh);
  if (next) next.focus({ preventScroll: true });
}
function leave(row, why) {   // what ends under one's hands stays, with what was typed, until one lets go
  if (!held(row)) return row.remove();
  if (why && !row.dataset.left) row.querySelector('.face').after(why);
  for (const e of row.querySelectorAll('button')) row.dataset.left = e.disabled = true;
}
function swap(page) {   // parts of the page by their id, except where the focus is
  for (const e of page.querySelectorAll('#feeds, #away, #state, #do, #said, [id^="n-"], #verdict, #story, #trail, #facts, #watched, #missed, main:not([data-show]) #rows')) {
    const old = $(e.id);
    if (old) carry(old, e); if (old && !old.querySelector('.does[open]') && old.innerHTML !== e.innerHTML && !old.contains(document.activeElement)) old.replaceChildren(...e.childNodes);
  }
}
function steady(row, was) {   // the row in hand stays where it is on the screen
  const off = () => row.getBoundingClientRect().top - was;
  scrollBy(0, off());
  if (off() < -1) rows.style.marginTop = `${parseFloat(rows.style.marginTop || 0) - off()}px`;
  if (off() > 1) { rows.style.paddingBottom = `${off()}px`; scrollBy(0, off()); }
}
function merge(page, part) {
  const heard = [], hand = rows.querySelector('.row:hover') ?? document.activeElement.closest('.row');
  const tops = new Map([...rows.children].map((row) => [row.id, row.getBoundingClientRect().top]));
  const fresh = [...page.querySelectorAll('li.row, li.gone')], next = (row) => [...rows.children].find((e) => e.dataset.order > row.dataset.order) ?? null;
  const here = (row) => (next(row) ? !main.dataset.after || next(row) !== rows.firstElementChild : !('full' in main.dataset));   // and on no other page of the list
  swap(page);
  document.title = page.title;
  for (const row of [...rows.children]) if (row.dataset.left || ('all' in part.dataset && !fresh.some((e) => e.id === row.id))) leave(row);
  for (const row of fresh) {
    const old = $(row.id);
    if (row.matches('.gone')) { if (old) leave(old, row.firstElementChild); continue; }
    if (old?.dataset.state !== row.dataset.state || row.querySelector('[data-told]')) heard.push(row.querySelector('.check[data-told], h3').textContent);
    if (old?.dataset.order === row.dataset.order) keep(old, row);
    else { old?.remove(); if (here(row)) rows.insertBefore(row, next(row)); }
  }
  revision = part.dataset.revision;
  tick();
  if (hand && $(hand.id)) steady($(hand.id), tops.get(hand.id));
  for (const row of matchMedia('(prefers-reduced-motion: reduce)').matches ? [] : rows.children) {
    const moved = tops.get(row.id) - row.getBoundingClientRect().top;
    if (Math.abs(moved) > 1) row.animate({ translate: [`0 ${moved}px`, '0'] }, { duration: 240, easing: 'ease-out' });
  }
  if (part.dataset.done) $(`t${part.dataset.done}`)?.remove();
  if (part.dataset.focus) $(`t${part.dataset.focus}`)?.querySelector('.open button')?.focus();
  $('heard').textContent = heard.length > 3 ? fill(words.changes, { n: heard.length }) : heard.join('. ') || $('heard').textContent;
}

// ---- live: a stream tells that something changed, then what changed is fetched
let stream, busy, again, free, letGo = () => {};   // free: nothing moves between press and release
const query = () => new URLSearchParams({ show, q: main.dataset.query, after: main.dataset.after, since: revision });
async function take(answer) {
  if (answer.redirected) return location.assign(answer.url);   // signed out meanwhile
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html'), part = page.getElementById('part');
  if (!answer.ok) throw new Error(page.querySelector('main')?.innerText);
  await free;
  if (!show) swap(page); else if ('all' in part.dataset || part.dataset.revision - revision >= 0) merge(page, part);
}
function live(on) {
  if ($('live').matches(on ? '.on' : '.lost')) return;
  const text = on ? words.live : fill(words.lost, { clock: new Date(clock()).toLocaleTimeString('de', { timeStyle: 'short', timeZone: words.zone || undefined }) });
  Object.assign($('live'), { className: on ? 'live on' : 'live lost', textContent: text });
}
async function refresh() {
  if ((again = busy)) return;
  busy = true;
  await fetch(show ? `/rows?${query()}` : location.href, { signal: AbortSignal.timeout(15000) }).then(take)
    .then(() => live(stream.readyState === EventSource.OPEN), () => live(false));
  busy = false;
  if (again) refresh();
}
function listen() {
  stream = new EventSource('/api/v1/events');
  for (const kind of ['open', 'ticket', 'source']) stream.addEventListener(kind, refresh);
  stream.onerror = () => { live(false); if (stream.readyState === EventSource.CLOSED) { refresh(); setTimeout(listen, 3000); } };
}

// ---- hands: forms, copies, keys
addEventListener('submit', async (e) => {
  const form = e.target;
  if (!show || form.method !== 'post' || 'native' in form.dataset) return;
  e.preventDefault();
  if (form.ariaBusy) return; form.ariaBusy = 'true';
  await fetch(`${form.getAttribute('action')}?${query()}`, { method: 'POST', headers: { 'Inviter-Part': '1' }, body: new URLSearchParams(new FormData(form)) }).then(take)
    .catch((e) => $('said').replaceChildren(Object.assign(document.createElement('p'), { className: 'word last', role: 'alert', textContent: e instanceof TypeError ? words.unsent : e.message })));
  form.ariaBusy = null;
});
addEventListener('click', async (e) => {
  const button = e.target.closest('[data-copy]'), code = button?.previousElementSibling;
  if (button) try { await navigator.clipboard.writeText(code.textContent); } catch { getSelection().selectAllChildren(code); document.execCommand('copy'); }
  if (button) button.firstChild.textContent = words.copied;
});
function key(e) {
  const all = [...document.querySelectorAll('.row')], row = e.target.closest('.row') ?? document.querySelector('.row.yours');
  const step = (by) => grip(all[all.indexOf(e.target.closest('.row')) + by])?.focus();
  const ask = (what) => { const d = row?.querySelector(`details[data-keep=${what}]`); if (d) { d.open = true; d.querySelector('input:not([type=hidden])').focus(); } };
  const acts = { n: () => $('next')?.click(), j: () => step(1), k: () => step(-1), o: () => row?.querySelector('h3 a').click(), h: () => ask('release'), t: () => ask('transfer'), c: () => ask('close'), '/': () => $('filter')?.focus(), '?': () => $('keys')?.togglePopover() };
  if (acts[e.key]) { e.preventDefault(); acts[e.key](); }
}
addEventListener('keydown', (e) => {
  const field = e.target.matches('textarea, input:not([type=radio], [type=checkbox])');
  if (e.key === 'Escape') { if (field) e.target.blur(); else e.target.closest('.does[open]')?.removeAttribute('open'); }
  if (!field && !e.ctrlKey && !e.metaKey && !e.altKey && !localStorage.keysOff) key(e);
});
addEventListener('pointerdown', () => { free = new Promise((go) => { letGo = go; setTimeout(go, 3000); }); });
for (const kind of ['pointerup', 'pointercancel']) addEventListener(kind, () => setTimeout(letGo));
addEventListener('visibilitychange', () => {   // browsers open few connections: only the queue keeps its stream unseen
  if (document.hidden && !show) stream.close(); else if (!document.hidden) { tick(); if (show) refresh(); else listen(); }
});
rows?.addEventListener('pointerleave', () => { rows.style.marginTop = rows.style.paddingBottom = ''; rows.querySelectorAll('[data-left]').forEach((row) => leave(row)); });
$('keys-off')?.addEventListener('change', (e) => { localStorage.keysOff = e.target.checked ? 'yes' : ''; });
$('keys-off')?.toggleAttribute('checked', Boolean(localStorage.keysOff));
setInterval(() => { tick(); refresh(); }, 30000);
listen();
