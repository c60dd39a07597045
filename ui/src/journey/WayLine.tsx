// A way between two nodes: its weight is the traffic it carries, its label says which way and how many.
import { BaseEdge, type Edge, EdgeLabelRenderer, type EdgeProps } from "@xyflow/react";
import { memo } from "react";
import { Tick } from "../marks/Tick";
import { path, type Route } from "./layout";

export type WayData = { route: Route; label: string | null; visits: number; part: number };

export const WayLine = memo(function WayLine({ id, sourceX, sourceY, targetX, targetY, data }: EdgeProps<Edge<WayData>>) {
  if (!data) return null;
  const line = path(data.route.points, { x: sourceX, y: sourceY }, { x: targetX, y: targetY });
  const at = data.route.label;
  return (
    <>
      <BaseEdge id={id} path={line} className="way" style={{ strokeWidth: 1.5 + 4.5 * Math.sqrt(data.part) }} />
      {at && data.label !== null && (
        <EdgeLabelRenderer>
          <span className="way-label" style={{ transform: `translate(-50%, -50%) translate(${at.x}px, ${at.y}px)` }}>
            {data.label}
            <strong><Tick value={data.visits} /></strong>
          </span>
        </EdgeLabelRenderer>
      )}
    </>
  );
});
