// Send: one message; the person stays here until its state is final.
import { IconSend } from "@tabler/icons-react";
import type { NodeForm } from "../../api";
import { type Say, sayKnown } from "../../words";
import { type Kind, nextPort, type Port } from "./kind";

const FINAL = ["suppressed", "expired", "failed"] as const;

function summary(node: NodeForm, say: Say): string {
  const send = node.send;
  const channels = send?.channels ?? (send?.channel ? [send.channel] : []);
  const channel = channels.map((one) => sayKnown(say, `word.channel.${one}`, one)).join(say("word.either"));
  return say("page.node.send", { channel, template: send?.template ?? "" });
}

function ports(node: NodeForm): Port[] {
  const on = node.send?.on ?? {};
  const other = FINAL.flatMap((state): Port[] => {
    const target = on[state];
    return target ? [{ names: [state], target, label: (say) => say(`word.${state}`) }] : [];
  });
  return [...nextPort(node, ...FINAL.filter((state) => !on[state])), ...other];
}

export const send: Kind = { icon: IconSend, summary, ports };
