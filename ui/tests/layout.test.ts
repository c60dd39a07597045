import { expect, test } from "vitest";
import type { Document } from "../src/api";
import { ENTRY, graphOf, taken } from "../src/journey/graph";
import { layoutOf, NODE, path } from "../src/journey/layout";
import { EVERY_KIND, randomJourney } from "./documents";

const LABEL = 120;
const ENTRY_SIZE = { width: 320, height: 160 };

function laidOut(document: Document) {
  const graph = graphOf(document);
  const labels = new Map(graph.ways.map((way) => [way.id, way.source === ENTRY ? 0 : LABEL]));
  return { graph, layout: layoutOf(graph, ENTRY_SIZE, labels) };
}

/** Pairs of siblings on one rank that stand against the order of their branches, though nothing else asks for it. */
function swapped(document: Document): string[] {
  const { graph, layout } = laidOut(document);
  const parents = new Map<string, number>();
  for (const way of graph.ways) parents.set(way.target, (parents.get(way.target) ?? 0) + 1);
  return graph.order.flatMap((id) => {
    const targets = graph.ways.filter((way) => way.source === id).map((way) => way.target).filter((target) => parents.get(target) === 1);
    return targets.flatMap((left, place) =>
      targets.slice(place + 1).flatMap((right) => {
        const [a, b] = [layout.spots.get(left), layout.spots.get(right)];
        return a && b && a.y === b.y && a.x >= b.x ? [`${id}: ${left} ${right}`] : [];
      }),
    );
  });
}

test("siblings keep the order of their branches", () => {
  expect(swapped(EVERY_KIND)).toEqual([]);
  const { layout } = laidOut({
    journey: "j", entry: { event: "E" }, start: "ask",
    nodes: {
      ask: { branch: [{ if: "a", next: "yes" }], else: "no" },
      // the second branch alone has a wide tail, which a search for fewer crossings likes to move to the left
      yes: { finish: "yes" },
      no: { split: { a: 0.3, b: 0.3, c: 0.4 }, next: { a: "one", b: "two", c: "three" } },
      one: { finish: "1" }, two: { finish: "2" }, three: { finish: "3" },
    },
  });
  const x = (id: string): number => layout.spots.get(id)?.x ?? Number.NaN;
  expect(x("yes")).toBeLessThan(x("no"));
  expect(x("one")).toBeLessThan(x("two"));
  expect(x("two")).toBeLessThan(x("three"));
});

test.each(Array.from({ length: 40 }, (_, seed) => seed + 1))("in random journey %i as well, and nothing lies on top of another", (seed) => {
  const document = randomJourney(seed, 14);
  expect(swapped(document)).toEqual([]);
  const { graph, layout } = laidOut(document);
  const spots = graph.order.map((id) => layout.spots.get(id) ?? { x: 0, y: 0 });
  for (const [place, a] of spots.entries())
    for (const b of spots.slice(place + 1))
      expect(Math.abs(a.x - b.x) >= NODE.width || Math.abs(a.y - b.y) >= NODE.height).toBe(true);
});

test("ways lead downward, and a layout is the same every time", () => {
  const { graph, layout } = laidOut(EVERY_KIND);
  for (const way of graph.ways)
    expect(layout.spots.get(way.source)?.y).toBeLessThan(layout.spots.get(way.target)?.y ?? 0);
  expect(laidOut(EVERY_KIND).layout).toEqual(layout);
  expect(path([], { x: 0, y: 0 }, { x: 10, y: 20 })).toBe("M0,0 C0,10 10,10 10,20");
});

test("three hundred nodes are laid out within two seconds", () => {
  const document = randomJourney(7, 300);
  const began = performance.now();
  laidOut(document);
  expect(performance.now() - began).toBeLessThan(2000);
});

test("every node comes after those that lead to it, and what nothing leads to comes last", () => {
  const document = { ...EVERY_KIND, nodes: { lost: { finish: "lost" }, ...EVERY_KIND.nodes } };
  const { order, ways, stages } = graphOf(document);
  expect(order.at(-1)).toBe("lost");
  expect(order.slice(0, 3)).toEqual(["pause", "vip", "ring"]);
  for (const way of ways.filter((one) => one.source !== ENTRY)) expect(order.indexOf(way.source)).toBeLessThan(order.indexOf(way.target));
  expect(stages.get("vip")).toBe("first");
  expect(stages.get("coupon")).toBe("second");
});

test("a journey that goes in a circle is drawn too", () => {
  const { graph, layout } = laidOut({
    journey: "j", entry: { event: "E" }, start: "a",
    nodes: { a: { wait: { for: "1h" }, next: "b" }, b: { branch: [{ if: "x", next: "a" }], else: "c" }, c: { finish: "done" } },
  });
  expect(graph.order).toEqual(["a", "b", "c"]);
  expect([...layout.routes.values()].every((route) => route.points.length >= 2)).toBe(true);
});

test("the ways out of a node carry every visit that the ledger counts by port, each once", () => {
  const ports = {
    pause: { next: 5, past: 2 },
    vip: { "1": 3, else: 4 },
    ring: { reached: 1, next: 1, no_answer: 2, overdue: 3 },
    mail: { next: 10, suppressed: 2, expired: 1, failed: 4, exit: 9 },
    hear: { "Message Clicked": 6, timeout: 1 },
    arms: { a: 2, b: 3 },
  };
  const { ways } = graphOf(EVERY_KIND);
  const visits = (id: keyof typeof ports): [string, number][] =>
    ways.filter((way) => way.source === id).map((way) => [way.target, taken(way, { entered: 0, waiting: 0, held: 0, left: 0, withheld: 0, edges: ports[id] })]);
  expect(visits("pause")).toEqual([["vip", 7]]);
  expect(visits("vip")).toEqual([["ring", 3], ["mail", 4]]);
  expect(visits("ring")).toEqual([["done", 2], ["mail", 5]]);
  expect(visits("mail")).toEqual([["hear", 13], ["done", 4]]);
  expect(visits("hear")).toEqual([["done", 6], ["arms", 1]]);
  expect(visits("arms")).toEqual([["coupon", 2], ["done", 3]]);
});
