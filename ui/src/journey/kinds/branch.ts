// Branch: the first rule that is true.
import { IconArrowsSplit2 } from "@tabler/icons-react";
import type { NodeForm } from "../../api";
import type { Say } from "../../words";
import { plain } from "../rule";
import type { Kind, Port } from "./kind";

function summary(node: NodeForm, say: Say): string {
  const cases = node.branch ?? [];
  const [only] = cases;
  return cases.length === 1 && only
    ? say("page.node.branch", { rule: plain(only.if, say) })
    : say("page.node.branch.many", { count: String(cases.length + 1) });
}

function ports(node: NodeForm): Port[] {
  const cases = node.branch ?? [];
  const single = cases.length === 1;
  const listed: Port[] = cases.map((one, place) => ({
    names: [String(place + 1)],
    target: one.next,
    label: (say) => (single ? say("page.port.yes") : plain(one.if, say)),
  }));
  const otherwise = node.else ?? (typeof node.next === "string" ? node.next : undefined);
  if (otherwise)
    listed.push({ names: ["else"], target: otherwise, label: (say) => say(single ? "page.port.no" : "word.port.else") });
  return listed;
}

export const branch: Kind = { icon: IconArrowsSplit2, summary, ports };
