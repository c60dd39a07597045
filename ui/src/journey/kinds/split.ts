// Split: by chance, and for one person always the same way.
import { IconDice3 } from "@tabler/icons-react";
import type { NodeForm } from "../../api";
import { fraction, share } from "../../format";
import type { Lang, Say } from "../../words";
import type { Kind, Port } from "./kind";

function summary(node: NodeForm, say: Say, lang: Lang): string {
  const arms = Object.entries(node.split ?? {}).map(([arm, part]) => `${arm} ${share(fraction(part), lang)}`);
  return say("page.node.split", { arms: arms.join(" · ") });
}

function ports(node: NodeForm): Port[] {
  const targets = typeof node.next === "object" ? node.next : {};
  return Object.keys(node.split ?? {}).flatMap((arm) => {
    const target = targets[arm] ?? (typeof node.next === "string" ? node.next : undefined);
    return target ? [{ names: [arm], target, label: () => arm }] : [];
  });
}

export const split: Kind = { icon: IconDice3, summary, ports };
