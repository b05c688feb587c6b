// An exposure is an offer really seen: at least half of it, for a second, in a tab that is looked at.
(() => {
  const timers = new Map();
  const tell = (card) => fetch("/storefront/respond", {
    method: "POST",
    keepalive: true,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ decision_id: card.dataset.decision, product: card.dataset.product }),
  }).catch(() => {});
  const watch = new IntersectionObserver((entries) => {
    for (const { target, intersectionRatio } of entries) {
      clearTimeout(timers.get(target));
      if (intersectionRatio < 0.5 || document.hidden) continue;
      timers.set(target, setTimeout(() => {
        watch.unobserve(target);
        tell(target);
      }, 1000));
    }
  }, { threshold: 0.5 });
  const start = () => document.querySelectorAll("[data-decision]:not([data-seen])").forEach((c) => watch.observe(c));
  start();
})();
