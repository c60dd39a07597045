// Listen: the first of some events, or the time-out.
import { IconEar } from "@tabler/icons-react";
import type { Clause, NodeForm } from "../../api";
import { duration } from "../../format";
import type { Say } from "../../words";
import { plain, telling } from "../rule";
import type { Kind, Port } from "./kind";

const heard = (clause: Clause): string => clause.event ?? clause.segment ?? "";

function summary(node: NodeForm, say: Say): string {
  const names = [...new Set((node.listen ?? []).map(heard))];
  const events = names.map((text) => say("word.quoted", { text })).join(say("word.either"));
  return node.timeout
    ? say("page.node.listen.within", { events, duration: duration(node.timeout, say) })
    : say("page.node.listen", { events });
}

/** The event, and what is asked of it besides being of the same run. */
function labelOf(clause: Clause, say: Say): string {
  const event = say("word.quoted", { text: heard(clause) });
  const rule = telling(clause.where ?? "");
  return rule ? `${event} ${plain(rule, say)}` : event;
}

function ports(node: NodeForm): Port[] {
  const names = (node.listen ?? []).map(heard);
  const listed: Port[] = (node.listen ?? []).map((clause, place) => {
    const name = heard(clause);
    const nth = names.slice(0, place).filter((one) => one === name).length;
    return { names: [nth === 0 ? name : `${name} ${nth + 1}`], target: clause.next, label: (say) => labelOf(clause, say) };
  });
  const otherwise = node.else ?? (typeof node.next === "string" ? node.next : undefined);
  if (otherwise)
    listed.push({
      names: ["timeout"],
      target: otherwise,
      label: (say) => (node.timeout ? say("page.port.timeout", { duration: duration(node.timeout, say) }) : say("word.port.else")),
    });
  return listed;
}

export const listen: Kind = { icon: IconEar, summary, ports };
