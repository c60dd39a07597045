// Task: work for an employee or a partner, left by its outcome.
import { IconClipboardCheck } from "@tabler/icons-react";
import type { NodeForm } from "../../api";
import { read } from "../../words";
import { type Kind, nextPort, type Port } from "./kind";

function ports(node: NodeForm): Port[] {
  const listed: Port[] = Object.entries(node.task?.outcomes ?? {}).map(([outcome, target]) => ({
    name: outcome,
    target,
    label: () => outcome.replaceAll("_", " "),
  }));
  if (node.overdue) listed.push({ name: "overdue", target: node.overdue, label: (say) => say("page.port.overdue") });
  return [...listed, ...nextPort(node)];
}

export const task: Kind = {
  icon: IconClipboardCheck,
  summary: (node, say, lang) =>
    say("page.node.task", { queue: node.task?.queue ?? "", title: read(node.task?.title, lang) }),
  ports,
};
