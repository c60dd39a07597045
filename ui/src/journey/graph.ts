// The journey document as a graph: nodes in path order, ways on in branch order, and the stage each node is in.
import type { Document, Entry, NodeCounts, NodeForm } from "../api";
import { kindOf } from "./kinds";
import { type Lang, read } from "../words";
import type { Port } from "./kinds/kind";

export const ENTRY = "#entry";

export interface Way {
  id: string;
  source: string;
  target: string;
  ports: Port[];
}

export interface Graph {
  order: string[];
  ways: Way[];
  stages: Map<string, string>;
}

export function entries(document: Document): Entry[] {
  return Array.isArray(document.entry) ? document.entry : [document.entry];
}

/** The ways out of one node; ports that lead to the same node share one way. */
function waysOf(source: string, node: NodeForm): Way[] {
  const ways = new Map<string, Way>();
  for (const port of kindOf(node).ports(node)) {
    const known = ways.get(port.target);
    if (known) known.ports.push(port);
    else ways.set(port.target, { id: `${source}→${port.target}`, source, target: port.target, ports: [port] });
  }
  return [...ways.values()];
}

/** Every node after those that lead to it, branches in their order; nodes that nothing leads to come last. */
function orderOf(document: Document, ways: Map<string, Way[]>): string[] {
  const seen = new Set<string>();
  const visit = (id: string, later: string[]): void => {
    if (seen.has(id) || !(id in document.nodes)) return;
    seen.add(id);
    for (const way of [...(ways.get(id) ?? [])].reverse()) visit(way.target, later);
    later.push(id);
  };
  const starts = [document.start, ...Object.keys(document.nodes)];
  return starts.flatMap((start) => {
    const later: string[] = [];
    visit(start, later);
    return later.reverse();
  });
}

/** A node without a stage of its own is in the furthest stage that a way to it comes from. */
/** The ids of a journey's stages, in order. */
export function stageIds(document: Document): string[] {
  return (document.stages ?? []).map((stage) => (typeof stage === "string" ? stage : stage.id));
}

/** What a stage is called: its title, or its id where it has none. */
export function stageTitle(document: Document, id: string, lang: Lang): string {
  const found = (document.stages ?? []).find((stage) => typeof stage !== "string" && stage.id === id);
  return found && typeof found !== "string" ? read(found.title, lang, id) : id;
}

function stagesOf(document: Document, order: string[], ways: Map<string, Way[]>): Map<string, string> {
  const stages = new Map<string, string>();
  const names = stageIds(document);
  for (const id of order) {
    const stage = document.nodes[id]?.stage ?? stages.get(id) ?? names[0];
    if (!stage) continue;
    stages.set(id, stage);
    for (const { target } of ways.get(id) ?? [])
      if (names.indexOf(stage) > names.indexOf(stages.get(target) ?? "")) stages.set(target, stage);
  }
  return stages;
}

export function graphOf(document: Document): Graph {
  const ways = new Map(Object.entries(document.nodes).map(([id, node]) => [id, waysOf(id, node)]));
  const order = orderOf(document, ways);
  const first: Way = { id: `${ENTRY}→${document.start}`, source: ENTRY, target: document.start, ports: [] };
  const drawn = order.flatMap((id) => (ways.get(id) ?? []).filter((way) => way.target in document.nodes));
  return { order, ways: document.start in document.nodes ? [first, ...drawn] : drawn, stages: stagesOf(document, order, ways) };
}

/** How many visits took a way. */
export function taken(way: Way, counts: NodeCounts | undefined): number {
  const names = new Set(way.ports.flatMap((port) => port.names));
  return [...names].reduce((sum, name) => sum + (counts?.edges?.[name] ?? 0), 0);
}
