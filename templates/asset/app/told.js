// ---- told: who doesn't look hears, is notified, and sees it in the tab; each as they chose, in this browser
const told = $('told'), wish = told ? JSON.parse(localStorage.told || '{}') : {};   // {tone, from, to, notify}
const opened = clock(), states = new Map(), tones = { bell: [[880, 0], [660, 0.18]], wood: [[196, 0], [196, 0.14]], rise: [[523, 0], [659, 0.11], [784, 0.22]] };
let audio;
function play(tone) {
  for (const [hertz, at] of (audio && tones[tone]) || []) {
    const start = audio.currentTime + at, loud = new GainNode(audio, { gain: 0 }), note = new OscillatorNode(audio, { type: tone === 'wood' ? 'triangle' : 'sine', frequency: hertz });
    loud.gain.setValueAtTime(0.2, start);
    loud.gain.exponentialRampToValueAtTime(0.001, start + 0.35);
    note.connect(loud).connect(audio.destination);
    note.start(start);
    note.stop(start + 0.4);
    note.onended = () => { told.dataset.played = Number(told.dataset.played ?? 0) + 1; };
  }
}
function quiet() {   // by the clock of the helpdesk; from 22:00 to 06:00 goes over midnight
  const { from, to } = wish, now = new Date(clock()).toLocaleTimeString('de', { timeStyle: 'short', timeZone: words.zone || undefined });
  return Boolean(from && to) && (from <= to ? from <= now && now < to : from <= now || now < to);
}
function tell(t, again) {
  const once = `${t.id}.${t.revision}.${again}`;
  if (quiet() || localStorage.toldLast === once) return;   // another tab did
  localStorage.toldLast = once;
  play(wish.tone);
  if (!wish.notify || document.hasFocus() || globalThis.Notification?.permission !== 'granted') return;
  const text = fill(again ? told.dataset.still : told.dataset.came, { name: t.user.name || t.user.address || told.dataset.nobody });
  new Notification(text, { body: t.note.slice(0, 200), tag: `ticket-${t.id}` }).onclick = () => { focus(); grip($(`t${t.id}`))?.focus(); };
}
function hear(t) {
  const before = states.get(t.id), came = t.state === 'waiting' && (before ? before !== 'waiting' : Date.parse(t.queued_at) > opened - 60000);
  states.set(t.id, t.state);
  if (!came) return;
  tell(t, false);
  setTimeout(() => { if (states.get(t.id) === 'waiting') tell(t, true); }, 60000);   // once more, and then no more
}
function count() {   // in the tab's icon too
  const n = Math.min(100, $('n-waiting')?.textContent ?? 0), icon = document.querySelector('link[rel=icon]');
  if (!$('n-waiting') || icon.dataset.n === String(n)) return;
  icon.dataset.n = n;
  icon.href = `/icon/${n}`;
  navigator.setAppBadge?.(n).catch(() => {});
}
function keepWish() {
  for (const e of told.querySelectorAll('[name]')) wish[e.name] = e.type === 'checkbox' ? e.checked : e.value;
  localStorage.told = JSON.stringify(wish);
}
const awake = () => { if (wish.tone && !audio) audio = new AudioContext(); };   // browsers allow sound after a click or key
for (const kind of ['pointerdown', 'keydown']) addEventListener(kind, awake);
for (const e of told?.querySelectorAll('[name]') ?? []) { if (e.type === 'checkbox') e.checked = Boolean(wish[e.name]); else e.value = wish[e.name] ?? ''; }
told?.addEventListener('change', async (e) => {
  if (e.target.name === 'notify' && e.target.checked) e.target.checked = await Notification.requestPermission() === 'granted';
  $('told-denied').hidden = e.target.name !== 'notify' || e.target.checked || globalThis.Notification?.permission !== 'denied';
  keepWish(); awake();
  if (e.target.name === 'tone') play(wish.tone);
});
count();
