// Where everything on the canvas stands: top to bottom, siblings in the order of their branches.
import { Graph as Drawing, layout as arrange } from "@dagrejs/dagre";
import { ENTRY, type Graph } from "./graph";

export type Spot = { x: number; y: number };
export type Size = { width: number; height: number };
export interface Route { points: Spot[]; label: Spot | null }
export interface Layout {
  spots: Map<string, Spot>;
  routes: Map<string, Route>;
  size: Size;
}

export const NODE: Size = { width: 288, height: 166 };
const LABEL_HEIGHT = 28;

/**
 * The top left corner of every node and the course of every way.
 *
 * The order within a rank is the order of the walk: dagre's own crossing search is switched off, because it may swap
 * the yes and the no of a branch from one layout to the next.
 */
export function layoutOf(graph: Graph, entry: Size, labels: Map<string, number>): Layout {
  const drawing = new Drawing({ multigraph: false });
  drawing.setGraph({ rankdir: "TB", nodesep: 32, edgesep: 20, ranksep: 30, marginx: 24, marginy: 24 });
  drawing.setDefaultEdgeLabel(() => ({}));
  drawing.setNode(ENTRY, { ...entry });
  for (const id of graph.order) drawing.setNode(id, { ...NODE });
  for (const way of graph.ways) {
    const width = labels.get(way.id) ?? 0;
    drawing.setEdge(way.source, way.target, { width, height: width > 0 ? LABEL_HEIGHT : 0, labelpos: "c" });
  }
  arrange(drawing, { disableOptimalOrderHeuristic: true });

  const spots = new Map<string, Spot>();
  for (const id of drawing.nodes()) {
    const { x, y, width, height } = drawing.node(id) as Spot & Size;
    spots.set(id, { x: x - width / 2, y: y - height / 2 });
  }
  const routes = new Map<string, Route>();
  for (const way of graph.ways) {
    const edge = drawing.edge(way.source, way.target) as { points: Spot[]; x?: number; y?: number };
    const label = edge.x !== undefined && edge.y !== undefined ? { x: edge.x, y: edge.y } : null;
    routes.set(way.id, { points: edge.points, label });
  }
  const { width, height } = drawing.graph() as Size;
  return { spots, routes, size: { width, height } };
}

/** A soft line through the points: it leaves and arrives upright, so that the eye reads top to bottom. */
export function path(points: Spot[], from: Spot, to: Spot): string {
  const course = [from, ...points.slice(1, -1), to];
  const parts = [`M${from.x},${from.y}`];
  for (let place = 1; place < course.length; place += 1) {
    const a = course[place - 1] as Spot;
    const b = course[place] as Spot;
    const middle = (a.y + b.y) / 2;
    parts.push(`C${a.x},${middle} ${b.x},${middle} ${b.x},${b.y}`);
  }
  return parts.join(" ");
}
