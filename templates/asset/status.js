// The user's page keeps itself fresh; without this it works by reload.
const $ = (id) => document.getElementById(id);
let busy = false, again = false;

const place = (e) => [e?.tagName, (e?.closest('form') ?? e?.parentElement.querySelector('form'))?.getAttribute('action'), e?.value].join();

// carry takes over into fresh what the user has in hand: questions unfolded, a
// file chosen, a text pasted, the focus.
function carry(old, fresh) {
  const twin = (e) => [...fresh.querySelectorAll('summary, button, input')].find((other) => place(other) === place(e));
  for (const e of old.querySelectorAll('details[open] > summary')) { const other = twin(e); if (other) other.parentElement.open = true; }
  const focus = old.contains(document.activeElement) && document.activeElement;
  for (const what of ['#file', 'textarea']) { const e = old.querySelector(what); if (e?.value) fresh.querySelector(what)?.replaceWith(e); }
  old.replaceWith(fresh);
  if (focus) (focus.isConnected ? focus : twin(focus))?.focus({ preventScroll: true });
}

// What changed is shown; what is in the user's hands (a file chosen, a question
// unfolded) stays, unless it can't be done any more.
async function load() {
  if (busy) { again = true; return; }
  busy = true;
  try {
    const answer = await fetch(location.pathname, { headers: { Accept: 'text/html', 'Inviter-Open': '1' } });
    if (!answer.ok && answer.status !== 404 && answer.status !== 410) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
    if (!fresh.getElementById('now')) { location.reload(); return; }
    const title = $('now').querySelector('h1').textContent, now = fresh.querySelector('#now h1').textContent;
    $('now').replaceChildren(...fresh.getElementById('now').childNodes);
    if ($('do').dataset.can !== fresh.getElementById('do').dataset.can) carry($('do'), fresh.getElementById('do'));
    document.title = fresh.title;
    if (title !== now) $('heard').textContent = now;
    if (!('live' in fresh.body.dataset)) hints.close();   // the end: nothing changes any more
  } catch { /* the next hint or minute tries again */ } finally {
    busy = false;
    if (again) { again = false; load(); }
  }
}
const hints = new EventSource(`${location.pathname}/events`);
hints.addEventListener('change', load);
hints.addEventListener('open', load);   // what changed before it was open, or while it was away
hints.addEventListener('error', () => { if (hints.readyState === EventSource.CLOSED) load(); });
setInterval(load, 60000);
document.addEventListener('visibilitychange', () => { if (!document.hidden) load(); });
