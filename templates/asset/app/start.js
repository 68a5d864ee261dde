// ---- start
addEventListener('visibilitychange', () => {   // browsers open few connections: only the queue keeps its stream unseen
  if (document.hidden && !show) stream.close(); else if (!document.hidden) { tick(); if (show) refresh(); else listen(); }
});
setInterval(() => { tick(); refresh(); }, 30000);
tick();
listen();
