// Keeps the desk's page and its files, so that it opens without a line. Answers about people are never kept: they are
// answers to POST, and only the page itself, which names nobody, and its files are put here.
const FACTS = {{ facts|safe }};
const NAME = `loket-desk-${FACTS.version}`;
const PATIENCE = 3000; // ms for the backend to give the page itself

async function fetchPage(request) {
  const response = await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
  if (response.ok && !response.redirected) await (await caches.open(NAME)).put(FACTS.page, response.clone());
  return response;
}

addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(NAME);
      await cache.addAll(FACTS.files);
      await fetchPage(FACTS.page);
      await skipWaiting();
    })(),
  );
});

addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) if (name !== NAME) await caches.delete(name);
      await clients.claim();
    })(),
  );
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const path = new URL(request.url).pathname;
  if (request.method !== "GET") return;
  if (request.mode === "navigate" && path === FACTS.page) {
    event.respondWith(fetchPage(request).catch(async () => (await caches.match(FACTS.page)) ?? Response.error()));
  } else if (FACTS.files.includes(path)) {
    event.respondWith(caches.match(path).then((kept) => kept ?? fetch(request)));
  }
});
