// The canvas: the whole journey from top to bottom, read-only, its figures live.
import { useComputedColorScheme } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import {
  Background, BackgroundVariant, Controls, type Edge, type EdgeTypes, type Node, type NodeTypes, Position, ReactFlow, useReactFlow, ReactFlowProvider,
} from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import { type KeyboardEvent, useEffect, useMemo, useRef } from "react";
import type { Counts, Document } from "../api";
import { read, type Say, useWords } from "../words";
import "./canvas.css";
import { limits } from "./entry";
import { ENTRY, entries, graphOf, taken, type Way } from "./graph";
import { kindName, kindOf } from "./kinds";
import { layoutOf, NODE, type Size } from "./layout";
import { type CardData, EntryCard, type EntryData, NodeCard } from "./NodeCard";
import { type WayData, WayLine } from "./WayLine";

const NODES: NodeTypes = { card: NodeCard, entry: EntryCard };
const WAYS: EdgeTypes = { way: WayLine };

const SMALLEST = 0.6; // below this the figures cannot be read; the canvas is moved by hand then
const TALLEST = 2400;
const NARROWEST = 240; // a window that is folded away for a moment does not lay the journey out anew

type Props = {
  document: Document;
  counts: Counts | undefined;
  chosen: string | null;
  stage: string | null;
  onChoose: (node: string | null) => void;
};

/** What stands on a way besides its figure; null for the way in, which the entry card already counts. */
function labelOf(way: Way, say: Say): string | null {
  if (way.source === ENTRY) return null;
  const shown = way.ports.map((port) => port.label(say)).filter(Boolean);
  const text = [...new Set(shown)].join(" · ");
  return text.length > 34 ? `${text.slice(0, 33)}…` : text;
}

/** Room for a label: a Chinese sign is twice as wide; six digits of the figure beside it. */
function widthOf(label: string | null): number {
  if (label === null) return 0;
  return [...label].reduce((sum, sign) => sum + (sign.charCodeAt(0) > 0x2e7f ? 14 : 7.5), 0) + 72;
}

function entrySize(document: Document, say: Say): Size {
  const lines = entries(document).reduce((sum, entry) => sum + 1 + limits(entry, say, "en").length, 0);
  return { width: NODE.width + 40, height: 82 + lines * 24 + (document.holdout ? 30 : 0) };
}

function useDrawing(document: Document) {
  const { say, lang } = useWords();
  // `say` changes only with `lang`
  return useMemo(() => {
    const graph = graphOf(document);
    const labels = new Map(graph.ways.map((way) => [way.id, labelOf(way, say)]));
    const widths = new Map([...labels].map(([id, label]) => [id, widthOf(label)]));
    const entry = entrySize(document, say);
    return { graph, labels, entry, layout: layoutOf(graph, entry, widths) };
  }, [document, lang]);
}

function visitsOf(way: Way, counts: Counts | undefined): number {
  if (way.source === ENTRY) return counts?.entered ?? 0;
  return taken(way, counts?.nodes[way.source]);
}

/** A node's size and where ways meet it, told and not measured: a figure that changes must not make the ways blink. */
function sized({ width, height }: Size): Pick<Node, "width" | "height" | "measured" | "handles"> {
  const middle = width / 2;
  return {
    width, height, measured: { width, height },
    handles: [
      { type: "target", position: Position.Top, x: middle, y: 0, width: 0, height: 0 },
      { type: "source", position: Position.Bottom, x: middle, y: height, width: 0, height: 0 },
    ],
  };
}

/** The node that has the focus, when it is one that can be opened. */
function nodeOf(target: EventTarget): string | null {
  const id = target instanceof HTMLElement && target.classList.contains("react-flow__node") ? target.dataset.id : undefined;
  return id === undefined || id === ENTRY ? null : id;
}

function Flow({ document, counts, chosen, stage, onChoose, width }: Props & { width: number }) {
  const { say, lang } = useWords();
  const flow = useReactFlow();
  const scheme = useComputedColorScheme("light");
  const { graph, labels, layout, entry } = useDrawing(document);

  const nodes = useMemo((): Node[] => {
    const start: Node<EntryData> = {
      id: ENTRY, type: "entry", position: layout.spots.get(ENTRY) ?? { x: 0, y: 0 }, data: { document, counts },
      ...sized(entry), focusable: false, selectable: false,
    };
    const cards = graph.order.map((id): Node<CardData> => {
      const form = document.nodes[id] ?? {};
      return {
        id, type: "card", position: layout.spots.get(id) ?? { x: 0, y: 0 }, ...sized(NODE),
        data: { id, form, counts: counts?.nodes[id], chosen: id === chosen },
        className: stage && graph.stages.get(id) !== stage ? "faded" : "",
        ariaLabel: `${say(`word.kind.${kindName(form) || "wait"}` as "word.kind.wait")} ${id}: ${read(form.title, lang) || kindOf(form).summary(form, say, lang)}`,
      };
    });
    return [start, ...cards];
  }, [document, counts, chosen, stage, graph, layout, entry, say, lang]);

  const edges = useMemo((): Edge<WayData>[] => {
    const most = Math.max(1, counts?.entered ?? 1);
    return graph.ways.map((way) => {
      const visits = visitsOf(way, counts);
      return {
        id: way.id, source: way.source, target: way.target, type: "way", focusable: false, selectable: false,
        data: { route: layout.routes.get(way.id) ?? { points: [], label: null }, label: labels.get(way.id) ?? null, visits, part: Math.min(1, visits / most) },
      };
    });
  }, [graph, layout, labels, counts]);

  const zoom = Math.max(SMALLEST, Math.min(1, width / layout.size.width));
  const start = useMemo(() => ({ x: (width - layout.size.width * zoom) / 2, y: 0, zoom }), [width, layout, zoom]);
  useEffect(() => {
    void flow.setViewport(start);
  }, [flow, start]);

  /** Enter on a focused node opens it, as a click does. */
  const open = (event: KeyboardEvent): void => {
    const id = event.key === "Enter" ? nodeOf(event.target) : null;
    if (id) onChoose(id);
  };
  return (
    <div style={{ height: Math.min(TALLEST, layout.size.height * zoom) }} onKeyDown={open}>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={NODES}
        edgeTypes={WAYS}
        colorMode={scheme}
        defaultViewport={start}
        minZoom={0.2}
        maxZoom={1.6}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable
        edgesFocusable={false}
        elementsSelectable={false}
        deleteKeyCode={null}
        zoomOnScroll={false}
        preventScrolling={false}
        onNodeClick={(_, node) => node.id !== ENTRY && onChoose(node.id)}
        onPaneClick={() => onChoose(null)}
        ariaLabelConfig={{
          "node.a11yDescription.default": say("page.canvas.node_help"),
          "node.a11yDescription.keyboardDisabled": say("page.canvas.node_help"),
          "edge.a11yDescription.default": say("page.canvas.edge_help"),
          "controls.ariaLabel": say("page.canvas.tools"),
          "controls.zoomIn.ariaLabel": say("page.canvas.zoom_in"),
          "controls.zoomOut.ariaLabel": say("page.canvas.zoom_out"),
          "controls.fitView.ariaLabel": say("page.canvas.fit"),
          "minimap.ariaLabel": say("page.canvas.minimap"),
          "handle.ariaLabel": say("page.canvas.handle"),
        }}
      >
        <Background variant={BackgroundVariant.Dots} gap={22} size={1.2} color="var(--dots)" />
        <Controls showInteractive={false} position="bottom-left" />
      </ReactFlow>
    </div>
  );
}

/** As wide as its place and as tall as the journey: the page scrolls, so that nobody scrolls inside a scroll. */
export default function Canvas(props: Props) {
  const { say, lang } = useWords();
  const { ref, width: now } = useElementSize();
  const known = useRef(0);
  if (now >= NARROWEST) known.current = now;
  const width = known.current;
  const label = say("page.canvas.label", { journey: read(props.document.title, lang, props.document.journey) });
  return (
    <section className="canvas" aria-label={label} ref={ref}>
      {width > 0 && (
        <ReactFlowProvider>
          <Flow {...props} width={width} />
        </ReactFlowProvider>
      )}
    </section>
  );
}
