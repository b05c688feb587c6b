// An exposure is an offer really seen: at least half of it, for a second, in a tab that is looked at.
(() => {
  const unseen = new Set(document.querySelectorAll("[data-decision]"));
  const timers = new Map();
  const tell = (card) => {
    unseen.delete(card);
    watch.unobserve(card);
    const said = { decision_id: card.dataset.decision, product: card.dataset.product };
    navigator.sendBeacon("/storefront/respond", JSON.stringify(said));
  };
  const watch = new IntersectionObserver((entries) => {
    for (const { target, intersectionRatio } of entries) {
      clearTimeout(timers.get(target));
      if (intersectionRatio >= 0.5) timers.set(target, setTimeout(tell, 1000, target));
    }
  }, { threshold: 0.5 });
  const look = () => unseen.forEach((card) => {
    clearTimeout(timers.get(card));
    watch.unobserve(card);
    if (!document.hidden) watch.observe(card);
  });
  document.addEventListener("visibilitychange", look);
  look();
})();
