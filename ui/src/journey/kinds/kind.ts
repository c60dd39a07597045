// What every node kind tells the pages: an icon, and itself in one line.
import type { ComponentType } from "react";
import type { NodeForm } from "../../api";
import type { Lang, Say } from "../../words";

export interface Kind {
  icon: ComponentType<{ size?: number | string; stroke?: number | string; "aria-hidden"?: boolean }>;
  /** One line: what the node does, in the language of `say`. */
  summary: (node: NodeForm, say: Say, lang: Lang) => string;
  /** The ways out of a node that is of this kind, in the order of its branches; [port, target]. */
  ports: (node: NodeForm) => Port[];
}

export interface Port {
  /** The name that the ledger and the counts give to this way out. */
  name: string;
  target: string;
  label: (say: Say) => string;
}

/** The way out `next`, where the node has one. */
export function nextPort(node: NodeForm): Port[] {
  return typeof node.next === "string" ? [{ name: "next", target: node.next, label: () => "" }] : [];
}
