// The node kinds by name.
import type { NodeForm } from "../../api";
import { branch } from "./branch";
import { finish } from "./finish";
import type { Kind } from "./kind";
import { later } from "./later";
import { listen } from "./listen";
import { send } from "./send";
import { split } from "./split";
import { task } from "./task";
import { wait } from "./wait";

const BUILT: Record<string, Kind> = { wait, listen, branch, split, send, task, finish };
const LATER = ["show", "decide", "webhook", "update", "emit", "run", "throttle"];

/** The name of the one kind that a node is of. */
export function kindName(node: NodeForm): string {
  const names = [...Object.keys(BUILT), ...LATER];
  return names.find((name) => (node as Record<string, unknown>)[name] != null) ?? "";
}

export function kindOf(node: NodeForm): Kind {
  return BUILT[kindName(node)] ?? later;
}
