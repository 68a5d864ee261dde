// ---- merging: what is typed, unfolded or focused goes over
const held = (row) => row.matches(':hover, :focus-within') || [...row.querySelectorAll('textarea, input:not([type=hidden], [type=radio])')].some((e) => e.value);
const sign = (e) => [e.tagName, e.name, (e.type === 'radio' || e.tagName === 'BUTTON') && e.value, (e.form ?? e).getAttribute('action'), e.getAttribute('href'), e.parentElement.dataset.keep].join();
const twin = (e, place) => [...place.querySelectorAll('a, button, input, textarea, summary')].find((other) => sign(other) === sign(e));
const grip = (row) => row?.querySelector(row.matches('.yours') ? '.open button, .open summary' : '.act button, .act summary') ?? row?.querySelector('h3 a');
const carry = (old, fresh) => { for (const e of old.querySelectorAll('[data-told]')) fresh.querySelector(`[data-once=${e.dataset.once}]:not([data-told])`)?.replaceWith(e.cloneNode(true)); };
function keep(old, fresh, settle = () => {}) {
  const had = old.contains(document.activeElement) && document.activeElement, at = had && [had.selectionStart, had.selectionEnd, had.selectionDirection]; carry(old, fresh);
  for (const d of old.querySelectorAll('details[open]')) fresh.querySelector(`details[data-keep="${d.dataset.keep}"]`)?.setAttribute('open', '');
  for (const e of old.querySelectorAll('textarea, input:not([type=hidden])')) { const other = twin(e, fresh); if (other && !('empty' in other.dataset)) other.replaceWith(e); }
  if (old.dataset.state === fresh.dataset.state && !fresh.querySelector('.said')) fresh.querySelector('.face').after(old.querySelector('.said') ?? '');
  const next = had && (twin(had, fresh) ?? grip(fresh));
  old.replaceWith(fresh);
  settle();
  next?.focus?.({ preventScroll: true });
  if (next === had && at[0] != null) had.setSelectionRange(...at);
}
function leave(row, why) {   // what ends under one's hands stays, with what was typed, until one lets go
  if (!held(row)) return row.remove();
  if (why && !row.dataset.left) row.querySelector('.face').after(why);
  for (const e of row.querySelectorAll('button')) row.dataset.left = e.disabled = true;
}
function swap(page) {   // parts of the page by their id
  for (const e of page.querySelectorAll('#feeds, #away, #state, #do, #said, [id^="n-"], #verdict, #story, #trail, #facts, #watched, #tocheck, #refused, #missed, #ended, main:not([data-show]) #rows')) {
    const old = $(e.id);
    if (!old) continue;
    if (old === rows && rows.firstElementChild && e.firstElementChild) { keep(rows.firstElementChild, e.firstElementChild); continue; }
    carry(old, e);
    const had = old.contains(document.activeElement) && document.activeElement, next = had && twin(had, e);
    if (old.querySelector('.does[open]') || old.innerHTML === e.innerHTML || (had && !next)) continue;
    old.replaceChildren(...e.childNodes);
    if (next) next.focus({ preventScroll: true });
  }
  if (!show && rows && !page.getElementById('rows')) [...rows.children].forEach((row) => leave(row));
}
function steady(row, was) {   // the row in hand stays where it is on the screen
  const off = () => row.getBoundingClientRect().top - was;
  scrollBy(0, off());
  if (off() < -1) rows.style.marginTop = `${parseFloat(rows.style.marginTop || 0) - off()}px`;
  if (off() > 1) { rows.style.paddingBottom = `${off()}px`; scrollBy(0, off()); }
}
function merge(page, part, untouched) {
  const heard = [], hand = rows.querySelector('.row:hover') ?? document.activeElement.closest('.row');
  const tops = new Map([...rows.children].map((row) => [row.id, row.getBoundingClientRect().top]));
  const fresh = [...page.querySelectorAll('li.row, li.gone')], next = (row) => [...rows.children].find((e) => e.dataset.order > row.dataset.order) ?? null;
  const here = (row) => (next(row) ? !main.dataset.after || next(row) !== rows.firstElementChild : !('full' in main.dataset));   // and on no other page of the list
  swap(page);
  document.title = page.title; count();
  for (const row of [...rows.children]) if (row.dataset.left || ('all' in part.dataset && !fresh.some((e) => e.id === row.id))) leave(row);
  for (const row of fresh) {
    const old = $(row.id);
    if (row.matches('.gone')) { if (old) leave(old, row.firstElementChild); continue; }
    if (old?.dataset.state !== row.dataset.state || row.querySelector('[data-told]')) heard.push(row.querySelector('.check[data-told], h3').textContent);
    if (!old) { if (here(row)) rows.insertBefore(row, next(row)); continue; }
    keep(old, row, old.dataset.order === row.dataset.order ? undefined : () => (here(row) ? rows.insertBefore(row, next(row)) : row.remove()));
  }
  main.dataset.revision = part.dataset.revision;
  tick();
  if (hand && $(hand.id)) steady($(hand.id), tops.get(hand.id));
  for (const row of matchMedia('(prefers-reduced-motion: reduce)').matches ? [] : rows.children) {
    const moved = tops.get(row.id) - row.getBoundingClientRect().top;
    if (Math.abs(moved) > 1) row.animate({ translate: [`0 ${moved}px`, '0'] }, { duration: 240, easing: 'ease-out' });
  }
  if (part.dataset.done) $(`t${part.dataset.done}`)?.remove();
  const to = untouched && part.dataset.focus && $(`t${part.dataset.focus}`);
  (to?.querySelector('.open button') ?? grip(to))?.focus();
  $('heard').textContent = heard.length > 3 ? fill(words.changes, { n: heard.length }) : heard.join('. ') || $('heard').textContent;
}
