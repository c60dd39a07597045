// Wait: for a while, until a date, or for certain hours.
import { IconHourglass } from "@tabler/icons-react";
import type { NodeForm, Wait } from "../../api";
import { duration } from "../../format";
import { type Key, type Say, sayKnown } from "../../words";
import { plain } from "../rule";
import { type Kind, nextPort, type Port } from "./kind";

function words(wait: Wait, say: Say): string {
  if (wait.for) return say("page.node.wait.for", { duration: duration(wait.for, say) });
  if (wait.until) {
    const field = plain(wait.until, say);
    if (!wait.offset) return say("page.node.wait.until", { field });
    const side = wait.offset.startsWith("-") ? "page.node.wait.before" : "page.node.wait.after";
    return say(side, { field, duration: duration(wait.offset, say) });
  }
  if (wait.window) {
    const { days, from, to } = wait.window;
    if (!days?.length) return say("page.node.wait.window", { from, to });
    const named = days.map((day) => say(`word.day.${day}` as Key)).join(say("word.listed"));
    return say("page.node.wait.window.days", { days: named, from, to });
  }
  const best = wait.best ?? "";
  return say("page.node.wait.best", { channel: sayKnown(say, `word.channel.${best}`, best) });
}

function ports(node: NodeForm): Port[] {
  const { past = "next", missing } = node.wait ?? {};
  const listed = nextPort(node, ...(past === "next" ? ["past"] : []), ...(missing === "next" ? ["missing"] : []));
  if (past !== "next" && past !== "exit")
    listed.push({ names: ["past"], target: past, label: (say) => say("word.port.past") });
  if (missing && missing !== "next" && missing !== "exit")
    listed.push({ names: ["missing"], target: missing, label: (say) => say("word.port.missing") });
  return listed;
}

export const wait: Kind = { icon: IconHourglass, summary: (node, say) => words(node.wait ?? {}, say), ports };
