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
  /** The names that the ledger gives to this way out: what has no way of its own goes with another. */
  names: string[];
  target: string;
  label: (say: Say) => string;
}

/** The way out `next`, where the node has one, and the names that share it. */
export function nextPort(node: NodeForm, ...shared: string[]): Port[] {
  return typeof node.next === "string" ? [{ names: ["next", ...shared], target: node.next, label: () => "" }] : [];
}
