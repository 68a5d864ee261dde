// Hands in with less waiting: files may be dropped, and the verdict comes
// before anything is sent. Without this the form does all of it.
const $ = (id) => document.getElementById(id);
const form = document.querySelector('.hand-in'), drop = document.querySelector('.drop');
let asked = 0;

for (const type of ['dragover', 'dragleave', 'drop']) {
  addEventListener(type, (e) => {
    if (!e.dataTransfer?.types.includes('Files')) return;
    e.preventDefault();   // else the browser opens a file that misses the place
    drop.classList.toggle('over', type === 'dragover');
    if (type === 'drop' && e.dataTransfer.files.length) {
      $('file').files = e.dataTransfer.files;
      look();
    }
  });
}
$('file').addEventListener('change', look);
$('text').addEventListener('change', look);

// look shows the verdict on what is there now; an answer that comes late, for
// what is no longer chosen, is not shown.
async function look() {
  const mine = ++asked, body = new FormData();
  for (const name of ['file', 'text']) for (const v of new FormData(form).getAll(name)) body.append(name, v);
  if (!$('file').files.length && !$('text').value.trim()) { $('verdict').replaceChildren(); return; }
  try {
    const answer = await fetch('/ask/look', { method: 'POST', body });
    if (!answer.ok || mine !== asked) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').body;
    $('verdict').replaceChildren(...fresh.childNodes);
  } catch { /* the form's own answer will tell */ }
}
