// Journeys to test with: one that uses every node kind there is, and random trees of branches.
import type { Document, NodeForm } from "../src/api";

export const EVERY_KIND: Document = {
  journey: "every-kind",
  title: { en: "Every kind", zh: "全部节点" },
  stages: ["first", "second"],
  entry: { on: "event", event: "Product Added", where: "event.properties.price >= 2000", key: "event.properties.cart_id", reentry: { after: "7d" } },
  start: "pause",
  nodes: {
    pause: { wait: { for: "1h" }, next: "vip" },
    vip: { branch: [{ if: 'profile.traits.tier == "gold"', next: "ring" }], else: "mail" },
    ring: {
      task: { queue: "advisors", title: { en: "Call back", zh: "回电" }, sla: { within: "4h" }, outcomes: { reached: "done", no_answer: "mail" } },
      overdue: "mail",
    },
    mail: { send: { channel: "email", template: "cart-reminder", on: { failed: "done" } }, next: "hear", stage: "second" },
    hear: { listen: [{ event: "Message Clicked", where: 'event.properties.node == "mail"', next: "done" }], timeout: "1d", else: "arms" },
    arms: { split: { a: "50%", b: 0.5 }, next: { a: "coupon", b: "done" } },
    coupon: { send: { channel: "sms", template: "coupon" }, next: "done" },
    done: { finish: "completed" },
  },
};

/** A journey of `size` branches, drawn by a seed; every way leads to a later node, several may meet. */
export function randomJourney(seed: number, size: number): Document {
  let state = seed;
  const draw = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % below;
  };
  const nodes: Record<string, NodeForm> = {};
  for (let place = 0; place < size; place += 1) {
    const later = (): string => `n${Math.min(size, place + 1 + draw(3))}`;
    const cases = Array.from({ length: 1 + draw(3) }, (_, nth) => ({ if: `profile.traits.x == ${nth}`, next: later() }));
    nodes[`n${place}`] = { branch: cases, else: later() };
  }
  nodes[`n${size}`] = { finish: "completed" };
  return { journey: "random", entry: { event: "E" }, start: "n0", nodes };
}
