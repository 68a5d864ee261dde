// ---- hands: forms, copies, keys
let deeds = 0;   // an answer moves the focus only if its reader has done nothing since
for (const kind of ['keydown', 'pointerdown']) addEventListener(kind, () => { deeds++; }, true);
addEventListener('submit', async (e) => {
  const form = e.target;
  if (!show || form.method !== 'post' || 'native' in form.dataset) return;
  e.preventDefault();
  if (form.ariaBusy) return; form.ariaBusy = 'true';
  const then = deeds;
  await fetch(`${form.getAttribute('action')}?${query()}`, { method: 'POST', headers: { 'Inviter-Part': '1' }, body: new URLSearchParams(new FormData(form, e.submitter)) }).then((answer) => take(answer, () => deeds === then))
    .catch((e) => $('said').replaceChildren(Object.assign(document.createElement('p'), { className: 'word last', role: 'alert', textContent: e instanceof TypeError ? words.unsent : e.message })));
  form.ariaBusy = null;
});
addEventListener('click', async (e) => {
  const button = e.target.closest('[data-copy]'), code = button?.previousElementSibling;
  if (button) try { await navigator.clipboard.writeText(code.textContent); } catch { getSelection().selectAllChildren(code); document.execCommand('copy'); }
  if (button) button.firstChild.textContent = words.copied;
});
function fold(question) {
  if (!question) return;
  question.open = false;
  question.querySelector('summary').focus();
}
function key(e) {
  const all = [...document.querySelectorAll('.row')], row = e.target.closest('.row') ?? document.querySelector('.row.yours');
  const step = (by) => grip(all[all.indexOf(e.target.closest('.row')) + by])?.focus();
  const ask = (what) => { const d = row?.querySelector(`details[data-keep=${what}]`); if (d) { d.open = true; d.querySelector('fieldset button').focus(); } };
  const acts = { n: () => $('next')?.click(), j: () => step(1), k: () => step(-1), o: () => row?.querySelector('h3 a').click(), h: () => ask('release'), t: () => ask('transfer'), c: () => ask('close'), '/': () => $('filter')?.focus(), '?': () => $('keys')?.togglePopover() };
  if (acts[e.key]) { e.preventDefault(); acts[e.key](); }
}
addEventListener('keydown', (e) => {
  const field = e.target.matches('textarea, input:not([type=radio], [type=checkbox])');
  if (e.key === 'Escape') { if (field) e.target.blur(); else fold(e.target.closest('.does[open]')); }
  if (!field && !e.ctrlKey && !e.metaKey && !e.altKey && !localStorage.keysOff) key(e);
});
function hold(most) { letGo(); free = new Promise((go) => { letGo = go; if (most) setTimeout(go, most); }); }
addEventListener('pointerdown', () => hold(3000));
addEventListener('compositionstart', () => hold());   // half a character of Japanese would be lost
for (const kind of ['pointerup', 'pointercancel', 'compositionend']) addEventListener(kind, () => setTimeout(letGo));
rows?.addEventListener('pointerleave', () => { rows.style.marginTop = rows.style.paddingBottom = ''; rows.querySelectorAll('[data-left]').forEach((row) => leave(row)); });
$('keys-off')?.addEventListener('change', (e) => { localStorage.keysOff = e.target.checked ? 'yes' : ''; });
$('keys-off')?.toggleAttribute('checked', Boolean(localStorage.keysOff));
