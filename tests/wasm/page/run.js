// Runs the cases of the module one after the other and reports each to the server of this page.

const CASE_LIMIT_MS = 10_000;

const report = (path, body) => fetch(`/${path}`, { method: "POST", body: String(body) });

// A panic ends in a trap, which says nothing; the message comes here just before.
let panicked = "";
globalThis.gonexPanicked = (message) => {
  panicked = message;
};

// A trap in a spawned task reaches no promise of ours, only the page.
const trap = new Promise((_, reject) => {
  addEventListener("error", (event) => reject(event.error ?? event.message));
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    reject(event.reason);
  });
});
trap.catch(() => {});

async function watched(work, name) {
  let timer;
  const limit = new Promise((_, reject) => {
    const late = `${name} has not ended after ${CASE_LIMIT_MS} ms`;
    timer = setTimeout(() => reject(late), CASE_LIMIT_MS);
  });
  try {
    return await Promise.race([work, limit, trap]);
  } finally {
    clearTimeout(timer);
  }
}

try {
  const { default: init, cases, panics, run } = await import("./page.js");
  await init();
  await report("cases", cases().join("\n"));
  for (const name of cases()) {
    const start = performance.now();
    const expected = panics(name);
    let failure;
    try {
      await watched(run(name), name);
      if (expected) failure = `it did not panic; expected a panic that says \`${expected}\``;
    } catch (error) {
      const reason = panicked || String(error?.stack ?? error);
      if (!expected || !reason.includes(expected)) failure = reason;
    }
    if (failure) {
      await report(`failed/${name}`, failure);
      // After a trap the module is in no state to be trusted.
      break;
    }
    await report(`passed/${name}`, Math.round(performance.now() - start));
    // A case that panics is the last one, for the same reason.
    if (expected) break;
  }
  await report("end", "");
} catch (error) {
  await report("broken", error?.stack ?? error);
}
