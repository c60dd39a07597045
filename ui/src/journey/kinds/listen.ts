// Listen: the first of some events, or the time-out.
import { IconEar } from "@tabler/icons-react";
import type { Clause, NodeForm } from "../../api";
import { duration } from "../../format";
import type { Say } from "../../words";
import type { Kind, Port } from "./kind";

const heard = (clause: Clause): string => clause.event ?? clause.segment ?? "";

function summary(node: NodeForm, say: Say): string {
  const names = [...new Set((node.listen ?? []).map(heard))];
  const events = names.map((text) => say("word.quoted", { text })).join(say("word.either"));
  return node.timeout
    ? say("page.node.listen.within", { events, duration: duration(node.timeout, say) })
    : say("page.node.listen", { events });
}

function ports(node: NodeForm): Port[] {
  const listed: Port[] = (node.listen ?? []).map((clause, place) => ({
    name: String(place),
    target: clause.next,
    label: (say) => say("word.quoted", { text: heard(clause) }),
  }));
  if (node.else)
    listed.push({
      name: "else",
      target: node.else,
      label: (say) => (node.timeout ? say("page.port.timeout", { duration: duration(node.timeout, say) }) : say("page.port.else")),
    });
  return listed;
}

export const listen: Kind = { icon: IconEar, summary, ports };
