// Task: work for an employee or a partner, left by its outcome.
import { IconClipboardCheck } from "@tabler/icons-react";
import type { NodeForm } from "../../api";
import { read } from "../../words";
import { type Kind, nextPort, type Port } from "./kind";

function ports(node: NodeForm): Port[] {
  const listed: Port[] = Object.entries(node.task?.outcomes ?? {}).map(([outcome, target], place) => ({
    names: place === 0 ? [outcome, "next"] : [outcome], // the control group leaves by `next` and takes the first outcome
    target,
    label: () => outcome.replaceAll("_", " "),
  }));
  if (node.overdue) listed.push({ names: ["overdue"], target: node.overdue, label: (say) => say("word.port.overdue") });
  return [...listed, ...nextPort(node, ...(node.overdue ? [] : ["overdue"]))];
}

export const task: Kind = {
  icon: IconClipboardCheck,
  summary: (node, say, lang) =>
    say("page.node.task", { queue: node.task?.queue ?? "", title: read(node.task?.title, lang) }),
  ports,
};
