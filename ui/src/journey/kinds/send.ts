// Send: one message; the person stays here until its state is final.
import { IconSend } from "@tabler/icons-react";
import type { NodeForm } from "../../api";
import { type Key, type Say, sayKnown } from "../../words";
import { type Kind, nextPort, type Port } from "./kind";

function summary(node: NodeForm, say: Say): string {
  const send = node.send;
  const channels = send?.channels ?? (send?.channel ? [send.channel] : []);
  const channel = channels.map((one) => sayKnown(say, `word.channel.${one}`, one)).join(say("word.either"));
  return say("page.node.send", { channel, template: send?.template ?? "" });
}

function ports(node: NodeForm): Port[] {
  const other = Object.entries(node.send?.on ?? {}).flatMap(([state, target]): Port[] =>
    target ? [{ name: state, target, label: (say) => say(`word.${state}` as Key) }] : [],
  );
  return [...nextPort(node), ...other];
}

export const send: Kind = { icon: IconSend, summary, ports };
