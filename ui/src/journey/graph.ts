// The journey document as a graph: nodes in path order, ways on in branch order, and the stage each node is in.
import type { Document, Entry, NodeCounts, NodeForm } from "../api";
import { kindOf } from "./kinds";
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

/** Walk the document from its start; nodes that nothing leads to come last, so that they are seen and can be mended. */
export function graphOf(document: Document): Graph {
  const ways = new Map(Object.entries(document.nodes).map(([id, node]) => [id, waysOf(id, node)]));
  const order: string[] = [];
  const stages = new Map<string, string>();
  const queue: [id: string, stage: string | undefined][] = [[document.start, document.stages?.[0]]];
  queue.push(...Object.keys(document.nodes).map((id): [string, undefined] => [id, undefined]));
  const seen = new Set<string>();
  for (let next = queue.shift(); next; next = queue.shift()) {
    const [id, inherited] = next;
    const node = document.nodes[id];
    if (!node || seen.has(id)) continue;
    seen.add(id);
    order.push(id);
    const stage = node.stage ?? inherited;
    if (stage) stages.set(id, stage);
    // walked before anything that only the list of nodes brings
    queue.unshift(...(ways.get(id) ?? []).filter((way) => !seen.has(way.target)).map((way): [string, string | undefined] => [way.target, stage]));
  }
  const first: Way = { id: `${ENTRY}→${document.start}`, source: ENTRY, target: document.start, ports: [] };
  const drawn = order.flatMap((id) => (ways.get(id) ?? []).filter((way) => way.target in document.nodes));
  return { order, ways: document.start in document.nodes ? [first, ...drawn] : drawn, stages };
}

/** How many visits took a way. A port that the drawing does not name went on by the node's own `next`. */
export function taken(way: Way, siblings: Way[], counts: NodeCounts | undefined): number {
  const edges = counts?.edges ?? {};
  const named = new Set(siblings.flatMap((one) => one.ports.map((port) => port.name)));
  let total = way.ports.reduce((sum, port) => sum + (edges[port.name] ?? 0), 0);
  if (way.ports.some((port) => port.name === "next"))
    for (const [name, visits] of Object.entries(edges)) if (!named.has(name)) total += visits;
  return total;
}
