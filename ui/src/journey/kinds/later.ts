// A node kind that the contract names and the engine does not walk yet: drafts may hold one, so it is shown as what it is.
import { IconPuzzle } from "@tabler/icons-react";
import { sayKnown } from "../../words";
import { kindName } from ".";
import { type Kind, nextPort } from "./kind";

export const later: Kind = {
  icon: IconPuzzle,
  summary: (node, say) => {
    const name = kindName(node);
    return say("page.node.later", { kind: sayKnown(say, `word.kind.${name}`, name) });
  },
  ports: nextPort,
};
