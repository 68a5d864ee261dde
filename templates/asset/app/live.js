// ---- live: a stream tells that something changed, then what changed is fetched
let stream, busy, again, free, letGo = () => {};   // free: nothing moves between press and release, nor while a character is composed
const query = () => new URLSearchParams({ show, q: main.dataset.query, after: main.dataset.after, limit: main.dataset.limit, since: main.dataset.revision });
async function take(answer, untouched = () => true) {
  if (answer.redirected) return location.assign(answer.url);   // signed out meanwhile
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html'), part = page.getElementById('part');
  if (!answer.ok) throw new Error(page.querySelector('main')?.innerText);
  await free;
  if (!show) swap(page); else if ('all' in part.dataset || part.dataset.revision - main.dataset.revision >= 0) merge(page, part, untouched());
}
function live(on) {
  if ($('live').matches(on ? '.on' : '.lost')) return;
  const text = on ? words.live : fill(words.lost, { clock: new Date(clock()).toLocaleTimeString('de', { timeStyle: 'short', timeZone: words.zone || undefined }) });
  Object.assign($('live'), { className: on ? 'live on' : 'live lost', textContent: text });
}
async function refresh() {
  if ((again = busy)) return;
  busy = true;
  await fetch(show ? `/rows?${query()}` : main.dataset.at || location.href, { signal: AbortSignal.timeout(15000) }).then(take)
    .then(() => live(stream.readyState === EventSource.OPEN), () => live(false));
  busy = false;
  if (again) refresh();
}
function listen() {
  stream = new EventSource('/api/v1/events');
  for (const kind of ['open', 'ticket', 'source', 'link']) stream.addEventListener(kind, refresh);
  stream.addEventListener('ticket', (e) => { if (told) hear(JSON.parse(e.data)); });
  stream.onerror = () => { live(false); if (stream.readyState === EventSource.CLOSED) { refresh(); setTimeout(listen, 3000); } };
}
