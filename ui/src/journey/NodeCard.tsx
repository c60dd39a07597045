// A node on the canvas: what it is, what it does, and where people are.
import { Handle, type Node, type NodeProps, Position } from "@xyflow/react";
import { IconLogin2, IconScale } from "@tabler/icons-react";
import { memo } from "react";
import type { Counts, Document, NodeCounts, NodeForm } from "../api";
import { count } from "../format";
import { Tick } from "../marks/Tick";
import { read, sayKnown, useWords } from "../words";
import { headline, limits } from "./entry";
import { Figures } from "./Figures";
import { entries } from "./graph";
import { kindName, kindOf } from "./kinds";

export type CardData = { id: string; form: NodeForm; counts: NodeCounts | undefined; chosen: boolean };
export type EntryData = { document: Document; counts: Counts | undefined };

export const NodeCard = memo(function NodeCard({ data }: NodeProps<Node<CardData>>) {
  const { say, lang } = useWords();
  const name = kindName(data.form);
  const kind = kindOf(data.form);
  const Icon = kind.icon;
  const title = read(data.form.title, lang);
  const summary = kind.summary(data.form, say, lang);
  return (
    <article className="node" data-kind={name} data-chosen={data.chosen || undefined}>
      <Handle type="target" position={Position.Top} isConnectable={false} />
      <header>
        <span className="node-icon"><Icon size={18} stroke={1.8} aria-hidden /></span>
        <span className="node-kind">{sayKnown(say, `word.kind.${name}`, name)}</span>
        <code className="node-id">{data.id}</code>
      </header>
      <p className="node-title">{title || summary}</p>
      {title && <p className="node-summary">{summary}</p>}
      <Figures counts={data.counts} />
      {data.counts && data.counts.withheld > 0 && (
        <span className="node-withheld" data-tone="withheld" title={say("page.panel.withheld", { count: count(data.counts.withheld, lang) })}>
          <IconScale size={12} stroke={2} aria-hidden />
          {say("word.withheld")} <Tick value={data.counts.withheld} />
        </span>
      )}
      <Handle type="source" position={Position.Bottom} isConnectable={false} />
    </article>
  );
});

export const EntryCard = memo(function EntryCard({ data }: NodeProps<Node<EntryData>>) {
  const { say, lang } = useWords();
  return (
    <article className="node node-entry">
      <header>
        <span className="node-icon"><IconLogin2 size={18} stroke={1.8} aria-hidden /></span>
        <span className="node-kind">{say("page.entry.title")}</span>
        {data.counts && <strong className="node-entered"><Tick value={data.counts.entered} /></strong>}
      </header>
      {entries(data.document).map((entry, place) => (
        <div key={place}>
          <p className="node-title">{headline(entry, say)}</p>
          {limits(entry, say, lang).map((line) => <p key={line} className="node-summary">{line}</p>)}
        </div>
      ))}
      {data.counts && data.counts.control > 0 && (
        <p className="node-arms figure">
          <span>{say("page.entry.treated", { count: count(data.counts.treated, lang) })}</span>
          <span data-tone="withheld">
            <IconScale size={12} stroke={2} aria-hidden /> {say("page.entry.control", { count: count(data.counts.control, lang) })}
          </span>
        </p>
      )}
      <Handle type="source" position={Position.Bottom} isConnectable={false} />
    </article>
  );
});
